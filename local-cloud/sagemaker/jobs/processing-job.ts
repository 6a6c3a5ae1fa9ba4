import type { DescribeProcessingJobCommandOutput, ProcessingJobStatus } from '@aws-sdk/client-sagemaker';
import type { Clock } from '../clock';
import { JobControl } from './job-control';
import type { ProcessingRequest } from './processing-folder';
import { without } from '../store/without';

/** How long a job may run that sets no limit. */
export const DEFAULT_MAX_RUNTIME_SECONDS = 86_400;

/** The state of a processing job and how it is described. */
export class ProcessingJob {
  public readonly creationTime: Date;
  public readonly control = new JobControl();
  public status: ProcessingJobStatus = 'InProgress';
  public lastModifiedTime: Date;
  public failureReason: string | undefined;
  public exitMessage: string | undefined;
  public startTime: Date | undefined;
  public endTime: Date | undefined;

  constructor(
    public readonly name: string,
    public readonly arn: string,
    public readonly request: ProcessingRequest,
    private readonly clock: Clock,
  ) {
    this.creationTime = clock.now();
    this.lastModifiedTime = this.creationTime;
  }

  /** The container starts. */
  public start(): void {
    this.startTime = this.clock.now();
    this.lastModifiedTime = this.startTime;
  }

  /** Changes the status; every one but the first two is final. */
  public enter(status: ProcessingJobStatus): void {
    this.status = status;
    this.lastModifiedTime = this.clock.now();
    if (status !== 'Stopping' && status !== 'InProgress') {
      this.endTime = this.lastModifiedTime;
    }
  }

  /** The answer to `DescribeProcessingJob`. */
  public describe(): Omit<DescribeProcessingJobCommandOutput, '$metadata'> {
    const request = without(this.request, 'Tags');
    return {
      ...request,
      StoppingCondition: request.StoppingCondition ?? { MaxRuntimeInSeconds: DEFAULT_MAX_RUNTIME_SECONDS },
      ProcessingJobArn: this.arn,
      ProcessingJobStatus: this.status,
      ExitMessage: this.exitMessage,
      FailureReason: this.failureReason,
      ProcessingStartTime: this.startTime,
      ProcessingEndTime: this.endTime,
      LastModifiedTime: this.lastModifiedTime,
      CreationTime: this.creationTime,
    };
  }
}
