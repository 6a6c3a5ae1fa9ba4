import type { AwsAccess } from './aws/access';
import type { EventEmitter } from './aws/events';
import type { Faults } from './aws/faults';
import type { Clock } from './clock';
import type { ContainerSettings } from './containers/container-environment';
import type { ImageMap } from './containers/image-map';
import type { ProcessRunner } from './containers/process-runner';
import type { Reporter } from './report';
import type { Tags } from './store/tags';

/** What every resource family works with. */
export interface Platform {
  readonly clock: Clock;
  readonly aws: AwsAccess;
  readonly events: EventEmitter;
  readonly faults: Faults;
  readonly images: ImageMap;
  readonly processes: ProcessRunner;
  readonly tags: Tags;
  readonly reporter: Reporter;
  readonly container: ContainerSettings;
  /** Folder for the files of jobs and endpoints. */
  readonly workFolder: string;
  /** Folder for the lines that containers write. */
  readonly logFolder: string;
  /** Real milliseconds that a job has to end after SIGTERM. */
  readonly stopGraceMs: number;
  /** Instances that an account may use at a time, for each kind of use. */
  readonly instanceQuota: number;
}
