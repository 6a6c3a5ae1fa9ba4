import { join } from 'node:path';
import type { RoleCredentials } from '../aws/access';
import type { ResourceFault } from '../aws/faults';
import { LogStream } from '../aws/log-stream';
import { containerEnvironment, toLocalPath } from '../containers/container-environment';
import type { LocalImage } from '../containers/image-map';
import type { RequestContext } from '../names';
import type { Platform } from '../platform';
import type { JobEnd } from './job-control';
import { algorithmFailure, failureReason, JobFailure, readText, refuseByFault } from './job-failure';
import { ProcessingFolder } from './processing-folder';
import { DEFAULT_MAX_RUNTIME_SECONDS, type ProcessingJob } from './processing-job';

const LOG_GROUP = '/aws/sagemaker/ProcessingJobs';
const MAX_EXIT_MESSAGE = 1024;

/** Takes a processing job through its life. */
export class ProcessingRunner {
  /** @param changed called at each change of the job's state */
  constructor(
    private readonly platform: Platform,
    private readonly changed: (job: ProcessingJob) => void,
  ) {}

  /** Runs a job to its end; never throws, the outcome stands in the job. */
  public async run(job: ProcessingJob, context: RequestContext, credentials: RoleCredentials): Promise<void> {
    const s3 = this.platform.aws.s3(credentials, context.region);
    const base = join(this.platform.workFolder, 'processing-jobs', context.account, context.region, job.name);
    const folder = new ProcessingFolder(base, job.request, s3, context.region);
    this.changed(job);
    try {
      await this.live(job, context, credentials, folder);
    } catch (error) {
      job.failureReason = failureReason(error);
      job.enter('Failed');
    } finally {
      s3.destroy();
      this.changed(job);
    }
  }

  private async live(
    job: ProcessingJob,
    context: RequestContext,
    credentials: RoleCredentials,
    folder: ProcessingFolder,
  ): Promise<void> {
    await this.step(job, 'Starting');
    const image = this.findImage(job);
    await folder.create(job.arn);
    await this.step(job, 'Downloading');
    await folder.download();
    if (job.control.isStopRequested()) {
      job.enter('Stopped');
      return;
    }
    const fault = await this.step(job, 'Processing');
    job.start();
    const end = await this.process(job, context, credentials, folder, image, fault);
    if (end.cause === 'timed-out') {
      throw new JobFailure('ClientError: Processing job runtime exceeded MaxRuntimeInSeconds provided');
    }
    if (end.cause === 'stopped') {
      job.enter('Stopped');
      return;
    }
    await this.step(job, 'Uploading');
    await folder.checkOutputs();
    await folder.upload();
    job.enter(job.control.isStopRequested() ? 'Stopped' : 'Completed');
  }

  private async process(
    job: ProcessingJob,
    context: RequestContext,
    credentials: RoleCredentials,
    folder: ProcessingFolder,
    image: LocalImage,
    fault: ResourceFault | undefined,
  ): Promise<JobEnd> {
    const { clock, aws, reporter, processes } = this.platform;
    const stream = `${job.name}/algo-1-${Math.floor(clock.millis() / 1000)}`;
    const logs = new LogStream(aws.logs(credentials, context.region), LOG_GROUP, stream, clock, reporter);
    const { ContainerEntrypoint: entrypoint, ContainerArguments: args } = job.request.AppSpecification;
    const container = processes.start(
      {
        program: image.program,
        args: [...image.args, ...(entrypoint ?? []), ...(args ?? [])].map(arg => toLocalPath(arg, folder.base)),
        environment: containerEnvironment(this.platform.container, image, context, credentials, folder.base, {
          ...job.request.Environment,
          PROCESSING_JOB_NAME: job.name,
          PROCESSING_JOB_ARN: job.arn,
        }),
        workingFolder: folder.base,
        logFile: join(this.platform.logFolder, 'processing-jobs', `${job.name}.log`),
      },
      line => logs.write(line),
    );
    if (fault?.effect === 'process-killed') container.kill();
    const seconds = job.request.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_MAX_RUNTIME_SECONDS;
    const deadline = clock.millis() + seconds * 1000;
    const end = await job.control.await(container, clock, deadline, this.platform.stopGraceMs);
    await logs.close();
    const message = await readText(join(folder.base, 'output', 'message'));
    job.exitMessage = message === '' ? undefined : message.slice(0, MAX_EXIT_MESSAGE);
    if (end.cause === 'exited' && end.exit.code !== 0) {
      throw await algorithmFailure(container, end.exit, folder.base);
    }
    return end;
  }

  /** Where a fault may keep the job from going on; gives the fault that the step itself has to see to. */
  private async step(job: ProcessingJob, name: string): Promise<ResourceFault | undefined> {
    const fault = await this.platform.faults.at(job.arn, name);
    refuseByFault(fault);
    return fault;
  }

  private findImage(job: ProcessingJob): LocalImage {
    try {
      return this.platform.images.find(job.request.AppSpecification.ImageUri);
    } catch (error) {
      throw new JobFailure(`ClientError: Cannot pull processing container: ${(error as Error).message}`);
    }
  }
}
