import { expectThat } from './expectation';
import type { Scene } from './scene';

/** Asserts that each alarm of the model says OK: one without data is not quiet, it is blind. */
export async function expectAlarmsOk(scene: Scene): Promise<void> {
  const others = (await scene.platform.alarms()).filter(alarm => alarm.StateValue !== 'OK');
  expectThat(
    others.length === 0,
    'every alarm to be OK',
    others.map(alarm => `${alarm.AlarmName} ${alarm.StateValue}: ${alarm.StateReason}`),
  );
}
