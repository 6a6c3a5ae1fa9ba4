import type { Act } from '../stage/act';
import { expectThat } from '../stage/expectation';
import { areaUnderCurve } from '../stage/traffic';

const PERIODS = 4;
const ROWS_PER_PERIOD = 500;
const MIN_AUC = 0.8;

/** Days as they should be: predictions, late labels, quiet alarms. */
export const liveTraffic: Act = {
  id: 5,
  name: 'Traffic',
  async play(scene) {
    const { platform, traffic, calendar } = scene;
    const failedBefore = traffic.failed;
    for (let period = 1; period <= PERIODS; period++) {
      scene.step(`period ${period} of ${PERIODS}: ${ROWS_PER_PERIOD} predictions, labels of the period before`);
      await calendar.live(async () => {
        // the world knows yesterday's rain today
        if (period > 1) await scene.landLabels();
        await traffic.send(scene.worlds.take('W1', ROWS_PER_PERIOD));
      });
    }
    const answers = await scene.landLabels();
    scene.step('the last labels arrive, the monitor runs once more');
    const last = await calendar.live(() => traffic.send(scene.worlds.take('W1', 250)));
    expectThat(traffic.failed === failedBefore, 'not one failed prediction', traffic.failures.slice(-3));
    const red = (await platform.alarms()).filter(alarm => alarm.StateValue === 'ALARM');
    expectThat(
      red.length === 0,
      'no alarm red',
      red.map(alarm => `${alarm.AlarmName}: ${alarm.StateReason}`),
    );
    const auc = areaUnderCurve(answers);
    expectThat(auc >= MIN_AUC, `live AUC of at least ${MIN_AUC}`, auc);
    return { predictions: PERIODS * ROWS_PER_PERIOD, failed: 0, aucOfLastPeriod: auc, alarmsRed: 0, monitor: last };
  },
};
