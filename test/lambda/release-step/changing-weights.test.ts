/** The warm way back while SageMaker changes the weights: nobody says when they take effect, and it is settled at the end. */
import { SageMakerTarget } from '../../../lambda/release-step/sagemaker-target';
import { TargetRefusedError } from '../../../lambda/release-step/errors';
import { fakeClient } from '../support/fake-client';
import { release, request, rollBack, start } from './support/machine';
import { MODEL, SETTINGS, World } from './support/world';

const NEW = 'mlops-local-rain-v2-00000002';
const OLD = 'mlops-local-rain-v1-00000001';
const CONFIG = 'mlops-local-rain-v2-0000000c';

/** A target whose endpoint has both variants, with these weights, and what it was asked to do. */
function endpoint(EndpointStatus: string, weights: { AllTraffic: number; Standby: number }) {
  const { client, sent } = fakeClient({
    DescribeEndpoint: () => ({
      EndpointStatus,
      EndpointConfigName: CONFIG,
      ProductionVariants: Object.entries(weights).map(([VariantName, CurrentWeight]) => ({
        VariantName,
        CurrentWeight,
        CurrentInstanceCount: 2,
      })),
    }),
    DescribeEndpointConfig: () => ({
      ProductionVariants: [
        { VariantName: 'AllTraffic', ModelName: NEW },
        { VariantName: 'Standby', ModelName: OLD },
      ],
    }),
  });
  const scaling = { register: () => Promise.resolve(), deregister: () => Promise.resolve() };
  const settings = { ...SETTINGS, warmStandbySeconds: 3600 };
  return { target: new SageMakerTarget({ sagemaker: client, runtime: client, scaling }, settings, []), sent };
}

describe('while an endpoint is Updating, its deployment is whatever its weights say, and it is busy', () => {
  test.each([
    ['not yet changed', { AllTraffic: 1, Standby: 0 }, '2'],
    ['changed already', { AllTraffic: 0, Standby: 1 }, '1'],
    ['half changed', { AllTraffic: 1, Standby: 1 }, 'unknown'],
  ])('weights %s', async (_, weights, version) => {
    const { target } = endpoint('Updating', weights);
    expect(await target.current()).toMatchObject({ state: 'serving', busy: true, deployment: { version } });
  });
});

test.each([
  ['a version on the standby is out of its place', { AllTraffic: 0, Standby: 1 }, true],
  ['a version at its usual place is not', { AllTraffic: 1, Standby: 0 }, undefined],
  ['two that share the requests are not', { AllTraffic: 1, Standby: 1 }, undefined],
])('%s', async (_, weights, outOfPlace) => {
  const { target } = endpoint('InService', weights);
  expect((await target.current()).outOfPlace).toBe(outOfPlace);
});

/** Version 2 serves; a change to version 1 shows at once, and lasts for some looks more. */
async function world(busyLooks: number): Promise<World> {
  const made = new World();
  for (const version of ['1', '2']) {
    made.register(version);
    await release(made, version);
  }
  made.target.movementSeconds = 0;
  const { current, shift } = made.target;
  let left = 0;
  jest.spyOn(made.target, 'shift').mockImplementation(async (deployment, policy) => {
    left = 0;
    await shift.call(made.target, deployment, policy).finally(() => (left = busyLooks));
  });
  jest.spyOn(made.target, 'current').mockImplementation(async () => {
    const serving = await current.call(made.target);
    return left-- > 0 ? { ...serving, busy: true } : serving;
  });
  return made;
}

test('a rollback asks for its proof when the change has ended, not when it shows', async () => {
  // GIVEN answers of version 2 until the change has ended
  const made = await world(5);
  const { verify } = made.target;
  jest.spyOn(made.target, 'verify').mockImplementation(async (deployment, probe) => {
    const { busy } = await made.target.current();
    return busy === true
      ? { verified: false, detail: 'version 2 answered' }
      : verify.call(made.target, deployment, probe);
  });

  // WHEN
  const execution = await rollBack(made, '2', '1');

  // THEN
  expect(execution.output).toMatchObject({ outcome: 'succeeded', version: '1' });
  expect(made.shifts.at(-1)?.deployment.version).toBe('1');
});

test('a repeated step that finds its own change under way waits for its end too', async () => {
  // GIVEN
  const made = await world(5);
  let lost = true;
  made.fault = call => {
    if (call !== 'target.shift' || !lost) return undefined;
    lost = false;
    return 'after';
  };

  // WHEN
  const execution = start(made, 'rollback', request({ action: 'rollback', version: '1', from: '2' }));
  await execution.run();

  // THEN
  expect(execution.path).toContain('WaitForOther');
  expect(execution.output).toMatchObject({ outcome: 'succeeded', version: '1' });
});

describe('a version that serves out of its place', () => {
  const RECONCILE = { action: 'reconcile', model: MODEL, requestedBy: 'reconciler', reason: 'out of place' };

  async function outOfPlace(): Promise<World> {
    const made = new World();
    made.register('1');
    await release(made, '1');
    made.target.force({ ...made.target.look(), outOfPlace: true });
    return made;
  }

  test('is brought home under the lock, and a person is told', async () => {
    const made = await outOfPlace();
    const tidy = jest.spyOn(made.target, 'tidy').mockImplementation(() => {
      expect(made.state().lockOwner).toBe(made.actor);
      return Promise.resolve();
    });
    const execution = await start(made, 'reconcile', RECONCILE).run();
    expect(execution.output).toMatchObject({ outcome: 'succeeded' });
    expect(tidy).toHaveBeenCalledTimes(1);
    expect(made.shifts).toHaveLength(1);
    expect(made.state()).toMatchObject({ current: '1' });
    expect(made.state().lockOwner).toBeUndefined();
    expect(made.notifications.at(-1)?.subject).toBe('rain: what serves is brought to its usual place');
  });

  test('that somebody moved meanwhile is left alone', async () => {
    const made = await outOfPlace();
    const execution = start(made, 'reconcile', RECONCILE);
    while (execution.state === 'Asked' || execution.state === 'Acquire') await execution.advance();
    made.target.force({ state: 'serving', deployment: { id: 'd-9', version: '9' } });
    await execution.run();
    expect(execution.output).toMatchObject({ outcome: 'refused' });
    expect(made.shifts).toHaveLength(1);
  });
});

test('a rollback whose version is refused its usual place stands, and frees the lock', async () => {
  const made = await world(0);
  jest.spyOn(made.target, 'tidy').mockRejectedValue(new TargetRefusedError('the account may have 2 instances'));
  const execution = await rollBack(made, '2', '1');
  expect(execution.output).toMatchObject({ outcome: 'succeeded', version: '1' });
  expect(made.state().lockOwner).toBeUndefined();
  expect(made.notifications.at(-1)?.did).toContain(
    'Not tidied up: TargetRefusedError: the account may have 2 instances',
  );
});
