import type {
  DescribeTrainingJobCommandInput,
  ListTrainingJobsCommandInput,
  StopTrainingJobCommandInput,
} from '@aws-sdk/client-sagemaker';
import { stateChange } from '../aws/state-change';
import { resourceInUse, validationException } from '../errors';
import { arnOf, type RequestContext } from '../names';
import type { Operations } from '../operations';
import type { Platform } from '../platform';
import type { Checked } from '../service-model/checked';
import { Collection } from '../store/collection';
import { listPage } from '../store/listing';
import { checkQuota } from './quota';
import type { TrainingRequest } from './training-folder';
import { TrainingJob } from './training-job';
import { TrainingRunner } from './training-runner';

/** Training jobs: create, describe, list, stop. */
export class TrainingJobs {
  private readonly jobs = new Collection<TrainingJob>();

  public readonly operations: Operations = {
    CreateTrainingJob: (input: TrainingRequest, context) => this.create(input, context),
    DescribeTrainingJob: (input: Checked<DescribeTrainingJobCommandInput>, context) =>
      this.existing(input.TrainingJobName, context).describe(),
    StopTrainingJob: (input: Checked<StopTrainingJobCommandInput>, context) => {
      this.stop(input.TrainingJobName, context);
      return {};
    },
    ListTrainingJobs: (input: Checked<ListTrainingJobsCommandInput>, context) => {
      const page = listPage(this.jobs.all(context), input, { sortBy: 'CreationTime', sortOrder: 'Ascending' });
      return {
        TrainingJobSummaries: page.items.map(job => ({
          TrainingJobName: job.name,
          TrainingJobArn: job.arn,
          CreationTime: job.creationTime,
          TrainingEndTime: job.endTime,
          LastModifiedTime: job.lastModifiedTime,
          TrainingJobStatus: job.status,
          SecondaryStatus: job.secondaryStatus,
        })),
        NextToken: page.nextToken,
      };
    },
  };

  constructor(private readonly platform: Platform) {}

  private async create(input: TrainingRequest, context: RequestContext): Promise<object> {
    checkRequest(input);
    const name = input.TrainingJobName;
    const arn = arnOf(context, 'training-job', name);
    const job = new TrainingJob(name, arn, input, this.platform.clock);
    this.checkFree(name, arn, context);
    const type = input.ResourceConfig?.InstanceType ?? '';
    const running = this.jobs
      .all(context)
      .filter(other => isRunning(other) && other.request.ResourceConfig?.InstanceType === type).length;
    checkQuota(`${type} for training job usage`, this.platform.instanceQuota, running, 1);
    const credentials = await this.platform.aws.assumeRole(input.RoleArn, context);
    // another request may have taken the name while the role was assumed
    this.checkFree(name, arn, context);
    this.jobs.put(context, job);
    this.platform.tags.create(arn, input.Tags);
    const runner = new TrainingRunner(this.platform, changed => this.tell(changed, context));
    void runner.run(job, context, credentials);
    return { TrainingJobArn: arn };
  }

  private checkFree(name: string, arn: string, context: RequestContext): void {
    if (this.jobs.find(context, name) !== undefined) {
      throw resourceInUse(
        `Training job names must be unique within an AWS account and region, and a training job with this name ` +
          `already exists (${arn})`,
      );
    }
  }

  private stop(name: string, context: RequestContext): void {
    const job = this.existing(name, context);
    if (!isRunning(job)) {
      throw validationException(`The request was rejected because the training job is in status ${job.status}.`);
    }
    job.status = 'Stopping';
    job.enter('Stopping', 'Stopping the training job');
    this.tell(job, context);
    job.control.requestStop();
  }

  private existing(name: string, context: RequestContext): TrainingJob {
    const job = this.jobs.find(context, name);
    if (job === undefined) {
      throw validationException('Requested resource not found.');
    }
    return job;
  }

  private tell(job: TrainingJob, context: RequestContext): void {
    const detail = { ...job.describe(), Tags: this.platform.tags.asRecord(job.arn) };
    this.platform.events.emit(context, stateChange('SageMaker Training Job State Change', job.arn, detail));
  }
}

function isRunning(job: TrainingJob): boolean {
  return job.status === 'InProgress' || job.status === 'Stopping';
}

/** What AWS demands of a training job that names its own image, beyond its service model. */
function checkRequest(input: TrainingRequest): void {
  if (input.AlgorithmSpecification?.TrainingImage === undefined) {
    throw validationException("'AlgorithmSpecification.TrainingImage' must be given");
  }
  if (input.ResourceConfig?.InstanceType === undefined || input.ResourceConfig.InstanceCount === undefined) {
    throw validationException("'ResourceConfig.InstanceType' and 'ResourceConfig.InstanceCount' must be given");
  }
  const names = (input.InputDataConfig ?? []).map(channel => channel.ChannelName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw validationException(`Duplicate channel name '${twice}' in 'InputDataConfig'`);
  }
  for (const channel of input.InputDataConfig ?? []) {
    if (channel.DataSource.S3DataSource === undefined) {
      throw validationException(`channel '${channel.ChannelName}' must have a 'DataSource.S3DataSource'`);
    }
  }
}
