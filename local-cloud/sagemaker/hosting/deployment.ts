import type { VariantStatus } from '@aws-sdk/client-sagemaker';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors';
import type { Platform } from '../platform';
import { AlarmWatch } from './alarm-watch';
import type { DeploymentPlan } from './deployment-policy';
import type { Endpoint } from './endpoint';
import type { Fleet } from './fleet';
import { buildFleet } from './fleet-builder';
import type { WantedVariant } from './fleet-plan';
import { UnhealthyInstanceError } from './model-instance';

/** How often, in real milliseconds, alarms are read while a fleet bakes. */
const READ_ALARMS_EVERY_MS = 250;
const MAX_REASON = 1024;

/** What a deployment brings to an endpoint. */
export interface Wanted {
  readonly configName: string;
  readonly variants: readonly WantedVariant[];
  readonly plan: DeploymentPlan;
}

/**
 * One blue/green deployment. Green is brought up and answers `/ping` before any request goes to it; traffic moves by the
 * plan's steps while the alarms are watched; blue ends only when its last request is answered. Whatever goes wrong,
 * blue goes on as before.
 */
export class Deployment {
  private readonly deadline: number;

  /** @param changed called at each step; `deployment` says whether the step or the endpoint's status has changed */
  constructor(
    private readonly platform: Platform,
    private readonly endpoint: Endpoint,
    private readonly wanted: Wanted,
    private readonly changed: (kind: 'status' | 'deployment') => void,
  ) {
    const { maxExecutionSeconds } = wanted.plan;
    this.deadline =
      maxExecutionSeconds === undefined
        ? Number.POSITIVE_INFINITY
        : platform.clock.millis() + maxExecutionSeconds * 1000;
  }

  /** Deploys; never throws, the outcome stands in the endpoint. */
  public async run(): Promise<void> {
    const { endpoint } = this;
    const blue = endpoint.fleet;
    let green: Fleet | undefined;
    this.begin();
    try {
      await this.refuseForCapacity();
      green = await this.bringUp();
      // the server's end has not seen this fleet
      endpoint.ending.signal.throwIfAborted();
      if (blue === undefined) {
        endpoint.traffic.allTo(green);
      } else {
        await this.shift(blue, green);
      }
      endpoint.fleet = green;
      endpoint.configName = this.wanted.configName;
      endpoint.failureReason = undefined;
      this.finish('InService');
      await this.killByFault(green, 'InService');
    } catch (error) {
      if (endpoint.ending.signal.aborted) {
        await green?.end();
        return;
      }
      this.takeBack(blue, error);
      await this.retire(green);
      return;
    }
    // the endpoint serves already; what blue still has to answer holds nothing up
    await this.retire(blue);
  }

  private begin(): void {
    const { clock } = this.platform;
    this.endpoint.pending = {
      configName: this.wanted.configName,
      variants: this.wanted.variants,
      startTime: clock.now(),
      status: 'Creating',
      message: 'Launching the instances of the new fleet',
      statusSince: clock.now(),
    };
    this.endpoint.deployments++;
    this.changed('status');
    this.changed('deployment');
  }

  private async bringUp(): Promise<Fleet> {
    const { endpoint, wanted } = this;
    const fleet = await buildFleet(this.platform, {
      endpointName: endpoint.name,
      configName: wanted.configName,
      deployment: endpoint.deployments,
      variants: wanted.variants,
      context: endpoint.context,
    });
    try {
      await fleet.start();
      return fleet;
    } catch (error) {
      await fleet.end();
      throw error;
    }
  }

  private async shift(blue: Fleet, green: Fleet): Promise<void> {
    const { plan } = this.wanted;
    const alarms = await this.watchAlarms();
    try {
      await this.checkAlarms(alarms);
      for (const [i, share] of plan.steps.entries()) {
        const isLast = i === plan.steps.length - 1;
        this.step('ActivatingTraffic', `Activating traffic on ${percent(share)} of the capacity`);
        await this.killByFault(green, 'ActivatingTraffic');
        if (isLast) {
          this.endpoint.traffic.allTo(green);
        } else {
          this.endpoint.traffic.split(blue, green, share);
        }
        await this.bake(green, isLast ? plan.terminationWaitSeconds : plan.waitSeconds, alarms);
      }
    } finally {
      alarms.close();
    }
  }

  private async bake(green: Fleet, seconds: number, alarms: AlarmWatch): Promise<void> {
    if (seconds === 0) {
      return;
    }
    const { clock } = this.platform;
    const { signal } = this.endpoint.ending;
    // from when it is told: whoever hears of it may move the clock at once
    const end = clock.millis() + seconds * 1000;
    this.step('Baking', `Baking for ${seconds} seconds`);
    await this.killByFault(green, 'Baking');
    while (clock.millis() < end) {
      await this.checkAlarms(alarms);
      if (clock.millis() > this.deadline) {
        throw new Error('the deployment took longer than MaximumExecutionTimeoutInSeconds');
      }
      const nextLook = new AbortController();
      const stop = AbortSignal.any([signal, nextLook.signal]);
      await Promise.race([clock.sleepUntil(end, stop), sleep(READ_ALARMS_EVERY_MS, undefined, { signal })]).finally(
        () => nextLook.abort(),
      );
    }
    // the clock may have been moved over the whole of it at once
    await this.checkAlarms(alarms);
  }

  private async watchAlarms(): Promise<AlarmWatch> {
    const roleArn = this.wanted.variants.at(0)?.config.model.roleArn ?? '';
    const { context } = this.endpoint;
    const credentials = await this.platform.aws.assumeRole(roleArn, context);
    return new AlarmWatch(this.platform.aws.cloudWatch(credentials, context.region), this.wanted.plan.alarmNames);
  }

  private async checkAlarms(alarms: AlarmWatch): Promise<void> {
    const red = await alarms.red();
    if (red.length > 0) {
      throw new Error(`One or more configured alarms are in ALARM state: ${red.join(', ')}`);
    }
  }

  private async refuseForCapacity(): Promise<void> {
    const fault = await this.platform.faults.at(this.endpoint.arn, 'Creating');
    if (fault?.effect === 'capacity-error') {
      throw new Error(
        'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry ' +
          'using a different ML instance type or after some time.',
      );
    }
  }

  private async killByFault(fleet: Fleet, step: VariantStatus | 'InService'): Promise<void> {
    const fault = await this.platform.faults.at(this.endpoint.arn, step);
    if (fault?.effect === 'process-killed') {
      fleet.instances.forEach(instance => instance.kill());
    }
  }

  private takeBack(blue: Fleet | undefined, error: unknown): void {
    const { endpoint } = this;
    endpoint.failureReason = describeFailure(error).slice(0, MAX_REASON);
    if (blue === undefined) {
      endpoint.traffic.stop();
      this.finish('Failed');
    } else {
      endpoint.traffic.allTo(blue);
      endpoint.enter('RollingBack');
      this.changed('status');
      this.finish('InService');
    }
  }

  private async retire(fleet: Fleet | undefined): Promise<void> {
    try {
      await fleet?.retire();
    } catch (error) {
      this.platform.reporter.warn(`a fleet of endpoint '${this.endpoint.name}' did not end cleanly`, error);
    }
  }

  private step(status: 'ActivatingTraffic' | 'Baking', message: string): void {
    this.endpoint.enterStep(status, message);
    this.changed('deployment');
  }

  private finish(status: 'InService' | 'Failed'): void {
    this.endpoint.pending = undefined;
    this.endpoint.enter(status);
    this.changed('status');
  }
}

function describeFailure(error: unknown): string {
  if (error instanceof UnhealthyInstanceError) {
    return (
      'The primary container for a production variant did not pass the ping health check. Please check CloudWatch ' +
      `logs for this endpoint. Its last lines: ${error.message.slice(-700)}`
    );
  }
  return messageOf(error);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
