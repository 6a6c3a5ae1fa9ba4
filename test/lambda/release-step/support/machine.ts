import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ReleaseController } from '../../../../constructs/release/release-controller';
import type { ReleaseInput } from '../../../../lambda/shared/contracts';
import { definitionOf, Execution } from '../../../support/state-machine';
import { MODEL, type World } from './world';

/** The definition that is deployed, run here on the core and a world in memory. */
const definition = definitionOf(controllerStack());

function controllerStack(): Stack {
  const stack = new Stack(new App(), 'Platform');
  new ReleaseController(stack, 'Releases', {
    environmentName: 'local',
    artifactBucket: new Bucket(stack, 'Artifacts'),
  });
  return stack;
}

const EXECUTION_ARN_PREFIX = 'arn:aws:states:eu-west-1:000000000000:execution:releases:';

/** Starts an execution of the release machine; while it waits, time passes, unless `wait` says otherwise. */
export function start(
  world: World,
  name: string,
  input: unknown,
  wait = (seconds: number): void => {
    world.pass(seconds);
  },
): Execution {
  return new Execution({
    definition,
    id: `${EXECUTION_ARN_PREFIX}${name}`,
    input,
    invoke: payload => world.step(payload),
    wait,
  });
}

/** A request with what every request must have. */
export function request(input: Partial<ReleaseInput> & { version: string }): ReleaseInput {
  return { action: 'release', model: MODEL, requestedBy: 'ann', reason: 'because', ...input };
}

/** Approves a version and releases it, to the end. */
export async function release(world: World, version: string, name = `release-${version}`): Promise<Execution> {
  world.setApproval(version, 'Approved');
  return start(world, name, request({ version })).run();
}

/** Rolls back from a version to another, to the end, on the word of an alarm. */
export async function rollBack(world: World, from: string, to: string, name = `rollback-${from}`): Promise<Execution> {
  return start(
    world,
    name,
    request({ action: 'rollback', version: to, from, requestedBy: 'alarm:drift', reason: 'predictions drifted' }),
  ).run();
}
