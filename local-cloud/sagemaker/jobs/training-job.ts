import type {
  DescribeTrainingJobCommandOutput,
  SecondaryStatus,
  SecondaryStatusTransition,
  TrainingJobStatus,
} from '@aws-sdk/client-sagemaker';
import type { Clock } from '../clock';
import { JobControl } from './job-control';
import { MetricReader } from './metric-definitions';
import { modelArtifacts, type TrainingRequest } from './training-folder';
import { without } from '../store/without';

/** How long a job may run that sets no limit. */
export const DEFAULT_MAX_RUNTIME_SECONDS = 86_400;

/** The state of a training job and how it is described. */
export class TrainingJob {
  public readonly creationTime: Date;
  public readonly control = new JobControl();
  public readonly metrics: MetricReader;
  public status: TrainingJobStatus = 'InProgress';
  public lastModifiedTime: Date;
  public failureReason: string | undefined;
  public startTime: Date | undefined;
  public endTime: Date | undefined;
  private readonly transitions: SecondaryStatusTransition[] = [];

  constructor(
    public readonly name: string,
    public readonly arn: string,
    public readonly request: TrainingRequest,
    private readonly clock: Clock,
  ) {
    this.creationTime = clock.now();
    this.lastModifiedTime = this.creationTime;
    this.metrics = new MetricReader(request.AlgorithmSpecification?.MetricDefinitions ?? []);
  }

  /** The step at which the job is. */
  public get secondaryStatus(): SecondaryStatus {
    return this.transitions.at(-1)?.Status ?? 'Starting';
  }

  /** Goes on to the next step. */
  public enter(status: SecondaryStatus, message: string): void {
    const now = this.clock.now();
    const current = this.transitions.at(-1);
    if (current !== undefined) {
      current.EndTime = now;
    }
    this.transitions.push({ Status: status, StartTime: now, StatusMessage: message });
    this.lastModifiedTime = now;
  }

  /** Comes to an end. */
  public end(status: TrainingJobStatus, secondary: SecondaryStatus, message: string): void {
    this.status = status;
    this.enter(secondary, message);
    const last = this.transitions.at(-1);
    if (last !== undefined) {
      last.EndTime = last.StartTime;
    }
    if (this.startTime !== undefined) {
      this.endTime = this.clock.now();
    }
  }

  /** The answer to `DescribeTrainingJob`. */
  public describe(): Omit<DescribeTrainingJobCommandOutput, '$metadata'> {
    const { request } = this;
    const seconds =
      this.startTime !== undefined && this.endTime !== undefined
        ? Math.max(1, Math.ceil((this.endTime.getTime() - this.startTime.getTime()) / 1000))
        : undefined;
    const metrics = this.metrics.final();
    return {
      ...without(request, 'Tags'),
      TrainingJobName: this.name,
      TrainingJobArn: this.arn,
      ModelArtifacts: { S3ModelArtifacts: modelArtifacts(request) },
      TrainingJobStatus: this.status,
      SecondaryStatus: this.secondaryStatus,
      FailureReason: this.failureReason,
      StoppingCondition: request.StoppingCondition ?? { MaxRuntimeInSeconds: DEFAULT_MAX_RUNTIME_SECONDS },
      CreationTime: this.creationTime,
      TrainingStartTime: this.startTime,
      TrainingEndTime: this.endTime,
      LastModifiedTime: this.lastModifiedTime,
      SecondaryStatusTransitions: this.transitions,
      FinalMetricDataList: metrics.length > 0 ? metrics : undefined,
      EnableNetworkIsolation: request.EnableNetworkIsolation ?? false,
      EnableInterContainerTrafficEncryption: request.EnableInterContainerTrafficEncryption ?? false,
      EnableManagedSpotTraining: request.EnableManagedSpotTraining ?? false,
      TrainingTimeInSeconds: seconds,
      BillableTimeInSeconds: seconds,
    };
  }
}
