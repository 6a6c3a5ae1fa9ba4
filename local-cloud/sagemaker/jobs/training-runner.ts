import { join } from 'node:path';
import { LogStream } from '../aws/log-stream';
import { containerEnvironment, toLocalPath } from '../containers/container-environment';
import type { LocalImage } from '../containers/image-map';
import type { RequestContext } from '../names';
import type { Platform } from '../platform';
import type { RoleCredentials } from '../aws/access';
import type { ResourceFault } from '../aws/faults';
import { algorithmFailure, failureReason, JobFailure, refuseByFault } from './job-failure';
import type { JobEnd } from './job-control';
import { TrainingFolder } from './training-folder';
import { DEFAULT_MAX_RUNTIME_SECONDS, type TrainingJob } from './training-job';

const LOG_GROUP = '/aws/sagemaker/TrainingJobs';

/** Takes a training job through its life: starting, downloading, training, uploading, and its end. */
export class TrainingRunner {
  /** @param changed called at each change of the job's state */
  constructor(
    private readonly platform: Platform,
    private readonly changed: (job: TrainingJob) => void,
  ) {}

  /** Runs a job to its end; never throws, the outcome stands in the job. */
  public async run(job: TrainingJob, context: RequestContext, credentials: RoleCredentials): Promise<void> {
    const s3 = this.platform.aws.s3(credentials, context.region);
    const base = join(this.platform.workFolder, 'training-jobs', context.account, context.region, job.name);
    const folder = new TrainingFolder(base, job.request, s3, context.region);
    try {
      await this.live(job, context, credentials, folder);
    } catch (error) {
      job.failureReason = failureReason(error);
      job.end('Failed', 'Failed', 'Training job failed');
    } finally {
      s3.destroy();
      this.changed(job);
    }
  }

  private async live(
    job: TrainingJob,
    context: RequestContext,
    credentials: RoleCredentials,
    folder: TrainingFolder,
  ): Promise<void> {
    await this.enter(job, 'Starting', 'Preparing the instances for training');
    const image = this.findImage(job);
    await folder.create();
    job.startTime = this.platform.clock.now();
    await this.enter(job, 'Downloading', 'Downloading input data');
    await folder.download();
    if (job.control.isStopRequested()) {
      job.end('Stopped', 'Stopped', 'Training job stopped');
      return;
    }
    const fault = await this.enter(job, 'Training', 'Training image download completed. Training in progress.');
    const end = await this.train(job, context, credentials, folder, image, fault);
    await this.enter(job, 'Uploading', 'Uploading generated training model');
    await folder.upload();
    if (end.cause === 'timed-out') {
      job.end('Stopped', 'MaxRuntimeExceeded', 'Training job runtime exceeded MaxRuntimeInSeconds provided');
    } else if (end.cause === 'stopped' || job.control.isStopRequested()) {
      job.end('Stopped', 'Stopped', 'Training job stopped');
    } else {
      job.end('Completed', 'Completed', 'Training job completed');
    }
  }

  private async train(
    job: TrainingJob,
    context: RequestContext,
    credentials: RoleCredentials,
    folder: TrainingFolder,
    image: LocalImage,
    fault: ResourceFault | undefined,
  ): Promise<JobEnd> {
    const { clock, aws, reporter, processes } = this.platform;
    const stream = `${job.name}/algo-1-${Math.floor(clock.millis() / 1000)}`;
    const logs = new LogStream(aws.logs(credentials, context.region), LOG_GROUP, stream, clock, reporter);
    const container = processes.start(
      {
        program: image.program,
        args: [...image.args, ...containerArguments(job)].map(arg => toLocalPath(arg, folder.base)),
        environment: containerEnvironment(this.platform.container, image, context, credentials, folder.base, {
          ...job.request.Environment,
          TRAINING_JOB_NAME: job.name,
          TRAINING_JOB_ARN: job.arn,
        }),
        workingFolder: folder.base,
        logFile: join(this.platform.logFolder, 'training-jobs', `${job.name}.log`),
      },
      line => {
        job.metrics.read(line, clock.now());
        logs.write(line);
      },
    );
    if (fault?.effect === 'process-killed') container.kill();
    const seconds = job.request.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_MAX_RUNTIME_SECONDS;
    const deadline = clock.millis() + seconds * 1000;
    const end = await job.control.await(container, clock, deadline, this.platform.stopGraceMs);
    await logs.close();
    await folder.uploadCheckpoints();
    if (end.cause === 'exited' && end.exit.code !== 0) {
      throw await algorithmFailure(container, end.exit, folder.base);
    }
    return end;
  }

  private findImage(job: TrainingJob): LocalImage {
    try {
      return this.platform.images.find(job.request.AlgorithmSpecification?.TrainingImage ?? '');
    } catch (error) {
      throw new JobFailure(`ClientError: Cannot pull algorithm container: ${(error as Error).message}`);
    }
  }

  /** Goes on to a step, if no fault keeps the job from it; gives the fault that the step itself has to see to. */
  private async enter(job: TrainingJob, ...step: Parameters<TrainingJob['enter']>): Promise<ResourceFault | undefined> {
    job.enter(...step);
    this.changed(job);
    const fault = await this.platform.faults.at(job.arn, step[0]);
    refuseByFault(fault);
    return fault;
  }
}

/** An image's own command is `train`; an entry point given takes its place. */
function containerArguments(job: TrainingJob): readonly string[] {
  const specification = job.request.AlgorithmSpecification;
  return [...(specification?.ContainerEntrypoint ?? ['train']), ...(specification?.ContainerArguments ?? [])];
}
