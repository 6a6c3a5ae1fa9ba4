import { posix } from 'node:path';
import type {
  DescribeProcessingJobCommandInput,
  ListProcessingJobsCommandInput,
  StopProcessingJobCommandInput,
} from '@aws-sdk/client-sagemaker';
import { stateChange } from '../aws/state-change';
import { notImplemented, resourceInUse, validationException } from '../errors';
import { arnOf, type RequestContext } from '../names';
import type { Operations } from '../operations';
import type { Platform } from '../platform';
import type { Checked } from '../service-model/checked';
import { Collection } from '../store/collection';
import { listPage } from '../store/listing';
import type { ProcessingRequest } from './processing-folder';
import { ProcessingJob } from './processing-job';
import { ProcessingRunner } from './processing-runner';
import { checkQuota } from './quota';

/** Processing jobs: create, describe, list, stop. */
export class ProcessingJobs {
  private readonly jobs = new Collection<ProcessingJob>();

  public readonly operations: Operations = {
    CreateProcessingJob: (input: ProcessingRequest, context) => this.create(input, context),
    DescribeProcessingJob: (input: Checked<DescribeProcessingJobCommandInput>, context) =>
      this.existing(input.ProcessingJobName, context).describe(),
    StopProcessingJob: (input: Checked<StopProcessingJobCommandInput>, context) => {
      this.stop(input.ProcessingJobName, context);
      return {};
    },
    ListProcessingJobs: (input: Checked<ListProcessingJobsCommandInput>, context) => {
      const page = listPage(this.jobs.all(context), input, { sortBy: 'CreationTime', sortOrder: 'Ascending' });
      return {
        ProcessingJobSummaries: page.items.map(job => ({
          ProcessingJobName: job.name,
          ProcessingJobArn: job.arn,
          CreationTime: job.creationTime,
          ProcessingEndTime: job.endTime,
          LastModifiedTime: job.lastModifiedTime,
          ProcessingJobStatus: job.status,
          FailureReason: job.failureReason,
          ExitMessage: job.exitMessage,
        })),
        NextToken: page.nextToken,
      };
    },
  };

  constructor(private readonly platform: Platform) {}

  private async create(input: ProcessingRequest, context: RequestContext): Promise<object> {
    checkRequest(input);
    const name = input.ProcessingJobName;
    const arn = arnOf(context, 'processing-job', name);
    this.checkFree(name, arn, context);
    const type = input.ProcessingResources.ClusterConfig.InstanceType;
    const running = this.jobs
      .all(context)
      .filter(
        other => isRunning(other) && other.request.ProcessingResources.ClusterConfig.InstanceType === type,
      ).length;
    checkQuota(`${String(type)} for processing job usage`, this.platform.instanceQuota, running, 1);
    const credentials = await this.platform.aws.assumeRole(input.RoleArn, context);
    // another request may have taken the name while the role was assumed
    this.checkFree(name, arn, context);
    const job = new ProcessingJob(name, arn, input, this.platform.clock);
    this.jobs.put(context, job);
    this.platform.tags.create(arn, input.Tags);
    const runner = new ProcessingRunner(this.platform, changed => this.tell(changed, context));
    void runner.run(job, context, credentials);
    return { ProcessingJobArn: arn };
  }

  private checkFree(name: string, arn: string, context: RequestContext): void {
    if (this.jobs.find(context, name) !== undefined) {
      throw resourceInUse(
        `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
      );
    }
  }

  private stop(name: string, context: RequestContext): void {
    const job = this.existing(name, context);
    if (!isRunning(job)) {
      throw validationException(`The request was rejected because the processing job is in status ${job.status}.`);
    }
    job.enter('Stopping');
    this.tell(job, context);
    job.control.requestStop();
  }

  private existing(name: string, context: RequestContext): ProcessingJob {
    const job = this.jobs.find(context, name);
    if (job === undefined) {
      // AWS documents ResourceNotFound, and answers with this
      throw validationException(`Could not find requested job with name: ${name}`);
    }
    return job;
  }

  private tell(job: ProcessingJob, context: RequestContext): void {
    const detail = { ...job.describe(), Tags: this.platform.tags.asRecord(job.arn) };
    this.platform.events.emit(context, stateChange('SageMaker Processing Job State Change', job.arn, detail));
  }
}

function isRunning(job: ProcessingJob): boolean {
  return job.status === 'InProgress' || job.status === 'Stopping';
}

/** What AWS demands beyond its service model, and where a container's folder can lie on this machine. */
function checkRequest(input: ProcessingRequest): void {
  const inputs = (input.ProcessingInputs ?? []).map(({ InputName: name, S3Input: s3 }) => ({ name, s3 }));
  const outputs = (input.ProcessingOutputConfig?.Outputs ?? []).map(({ OutputName: name, S3Output: s3 }) => ({
    name,
    s3,
  }));
  for (const { name, s3 } of [...inputs, ...outputs]) {
    if (s3?.LocalPath === undefined) {
      throw validationException(`'LocalPath' of '${name}' must be given, since it is not 'AppManaged'`);
    }
    // normalised, because `..` would lead out of the job's folder
    if (!posix.normalize(s3.LocalPath).startsWith('/opt/ml/processing/')) {
      throw notImplemented(`'LocalPath' '${s3.LocalPath}' of '${name}'; use a folder under '/opt/ml/processing/'`);
    }
  }
  for (const [kind, names] of [
    ['input', inputs.map(({ name }) => name)],
    ['output', outputs.map(({ name }) => name)],
  ] as const) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
      throw validationException(`Duplicate ${kind} name '${twice}'`);
    }
  }
}
