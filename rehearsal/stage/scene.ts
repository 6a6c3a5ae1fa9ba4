import { join } from 'node:path';
import type { LocalCloud } from '../../local-cloud/start';
import type { Worlds } from '../dataset';
import type { RoleRights } from '../report/report';
import { Aws, type CloudAddress } from './aws';
import { Calendar } from './calendar';
import { Cdk } from './cdk';
import type { Clock } from './clock';
import { Inbox } from './inbox';
import { expectThat, until } from './expectation';
import { DeployedPlatform, type StackNames } from './platform';
import { readRecords, type Records } from './records';
import { readRights } from './rights';
import { Schedule } from './schedule';
import { ClusterServing, EndpointServing, type Serving } from './serving';
import { MODEL, type RehearsalTarget } from './target';
import { Traffic } from './traffic';

/** What deploying took. */
export interface Deployment {
  readonly stacks: number;
  readonly resources: number;
  readonly seconds: number;
  readonly recordedOnly: string[];
}

/** What all acts share: the cloud, the platform in it, the callers, the on-call person, and the data not yet used. */
export class Scene {
  readonly address: CloudAddress;
  readonly aws: Aws;
  readonly cdk: Cdk;
  readonly cdkLog: string;
  readonly platform: DeployedPlatform;
  readonly inbox: Inbox;
  deployment: Deployment | undefined;
  iamEnforced = false;
  records: Records | undefined;
  rights: readonly RoleRights[] = [];
  private callers: Traffic | undefined;
  private serves: Serving | undefined;
  private periods: Calendar | undefined;
  private monitorSchedule: Schedule | undefined;
  private lookSchedules: readonly Schedule[] = [];

  constructor(
    readonly repository: string,
    readonly workFolder: string,
    readonly target: RehearsalTarget,
    readonly cloud: LocalCloud,
    readonly clock: Clock,
    readonly worlds: Worlds,
    readonly signal: AbortSignal,
    /** Tells the audience what an act is doing now. */
    readonly step: (text: string) => void,
  ) {
    this.address = {
      endpoint: cloud.endpoint,
      region: cloud.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    this.aws = new Aws(this.address);
    this.cdkLog = join(workFolder, 'cdk.log');
    this.cdk = new Cdk(
      repository,
      { ...process.env, ...cloud.environment, MLOPS_ENVIRONMENT: target.environment },
      this.cdkLog,
      // of its own: the CLI of a rehearsal that was killed may still hold the usual folder
      join(cloud.scratchDir, 'cdk.out'),
      signal,
    );
    this.platform = new DeployedPlatform(this.aws, MODEL);
    this.inbox = new Inbox(this.aws);
  }

  /** What can only be set up once the platform stands. */
  async open(): Promise<void> {
    await this.platform.discover(this.stacks);
    await this.inbox.subscribe(this.platform.output('NotificationTopicArn'));
    const settings = await this.platform.settings(this.environment, 'monitoring');
    [this.monitorSchedule] = await Schedule.of(this.aws, this.stacks.model);
    this.lookSchedules = await Schedule.of(this.aws, this.stacks.platform);
    this.periods = new Calendar(this.clock, this.platform, this.monitorSchedule, {
      periodSeconds: Number(settings['periodSeconds']),
      graceSeconds: Number(settings['graceSeconds']),
    });
    this.serves = this.newServing();
    this.callers = new Traffic(this.serves, () => this.clock.now());
  }

  /** Name of the rehearsed environment. */
  get environment(): string {
    return this.target.environment;
  }

  /** Its stacks. */
  get stacks(): StackNames {
    return this.target.stacks;
  }

  /** What serves the model. */
  get serving(): Serving {
    if (this.serves === undefined) {
      throw new Error('nothing can serve before act 1 has deployed the platform');
    }
    return this.serves;
  }

  get traffic(): Traffic {
    if (this.callers === undefined) {
      throw new Error('nobody can call before act 1 has deployed the platform');
    }
    return this.callers;
  }

  get calendar(): Calendar {
    if (this.periods === undefined) {
      throw new Error('no period can be lived before act 1 has deployed the platform');
    }
    return this.periods;
  }

  /**
   * Lets days pass in which nobody calls. The monitor is switched off, as there is nothing to count. All models are looked
   * at once more by each of the schedules that do so, then these are off too: the hundredth look sees what the first saw.
   */
  async idle(seconds: number): Promise<void> {
    const all = [...(this.monitorSchedule === undefined ? [] : [this.monitorSchedule]), ...this.lookSchedules];
    await this.monitorSchedule?.switchTo('DISABLED');
    const began = this.clock.now();
    const looked = Math.max(...this.lookSchedules.map(({ intervalMs }) => intervalMs)) / 1000;
    await this.clock.advance(looked);
    const heartbeats = await this.platform.reconcilerHeartbeats(this.environment, began, this.clock.now());
    expectThat(heartbeats > 0, 'all models to be looked at by the reconciler, on its schedule', heartbeats);
    for (const schedule of this.lookSchedules) await schedule.switchTo('DISABLED');
    await this.clock.advance(seconds - looked);
    for (const schedule of all) await schedule.switchTo('ENABLED');
  }

  /** Puts the labels of everything predicted since the last time into the lake, as whoever knows them would. */
  async landLabels(): Promise<readonly { readonly score: number; readonly label: number; readonly version: string }[]> {
    const { lines, answers } = this.traffic.takeLabels();
    const now = this.clock.now();
    const day = now.toISOString().slice(0, 10);
    const key = `labels/model=${MODEL}/day=${day}/${now.getTime()}.json`;
    await this.platform.putObject(this.platform.output('MonitoringBucketName'), key, lines);
    return answers;
  }

  /** Predictions asked for so far, and those that failed. */
  get predictions(): { readonly sent: number; readonly failed: number } {
    return { sent: this.callers?.sent ?? 0, failed: this.callers?.failed ?? 0 };
  }

  /** Resources that the local cloud remembers but does not run, each with its type. */
  async recordedOnly(): Promise<string[]> {
    const response = await fetch(`${this.cloud.endpoint}/_mlops/recorded`);
    const { resources } = (await response.json()) as {
      resources: readonly { readonly type: string; readonly logicalId: string }[];
    };
    return resources.map(resource => `${resource.type} ${resource.logicalId}`);
  }

  private newServing(): Serving {
    switch (this.target.name) {
      case 'sagemaker':
        return new EndpointServing(this.aws, this.platform.output('EndpointName'));
      case 'eks':
        return new ClusterServing(this.cloud.endpoint, this.environment);
    }
  }

  /** Status and last words of the newest pipeline executions, for a failed expectation. */
  async pipelineStatus(): Promise<unknown> {
    const arns = (await this.platform.executions('PipelineStateMachineArn')).slice(0, 3);
    return Promise.all(arns.map(arn => this.platform.execution(arn)));
  }

  /** Waits until the platform has reacted to every red alarm, by the ledger's word. */
  async quiet(): Promise<void> {
    const reacting = Object.values(
      (await this.platform.settings(this.environment, 'reaction'))['alarms'] ?? {},
    ) as string[];
    for (const alarm of await this.platform.alarms()) {
      if (alarm.StateValue === 'ALARM' && reacting.includes(alarm.AlarmName ?? '')) {
        await until(
          `a reaction to the red alarm '${alarm.AlarmName}'`,
          async () =>
            (await this.platform.ledgerItems('REACTION')).some(item => item['alarm'] === alarm.AlarmName) || undefined,
          () => this.platform.ledgerItems('REACTION'),
        );
      }
    }
  }

  /** Reads what the report needs while the platform still stands. */
  async keepRecords(): Promise<void> {
    this.records = await readRecords(this);
  }

  /** Reads what became of the roles' rights; the local cloud remembers a role that was there at the last reading. */
  async keepRights(): Promise<void> {
    this.rights = await readRights(this.cloud.endpoint, Object.values(this.stacks) as string[]);
  }
}
