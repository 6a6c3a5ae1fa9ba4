import type { Act } from '../stage/act';
import { expectThat } from '../stage/expectation';
import { expectAlarmsOk } from '../stage/quiet-alarms';
import { monitoredWindows } from '../stage/records';
import { MODEL } from '../stage/target';
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
    const answers: Awaited<ReturnType<typeof scene.landLabels>>[number][] = [];
    for (let period = 1; period <= PERIODS; period++) {
      scene.step(`period ${period} of ${PERIODS}: ${ROWS_PER_PERIOD} predictions, labels of the period before`);
      await calendar.live(async () => {
        // the world knows yesterday's rain today
        if (period > 1) answers.push(...(await scene.landLabels()));
        await traffic.send(scene.worlds.take('W1', ROWS_PER_PERIOD));
      });
    }
    answers.push(...(await scene.landLabels()));
    scene.step('the last labels arrive, the monitor runs once more');
    const last = await calendar.live(() => traffic.send(scene.worlds.take('W1', 250)));
    expectThat(traffic.failed === failedBefore, 'not one failed prediction', traffic.failures.slice(-3));
    await expectAlarmsOk(scene);
    const logged = await platform.keys(platform.output('MonitoringBucketName'), `inference_log/model=${MODEL}/`);
    expectThat(logged.length > 0, 'an inference log in the lake', logged);
    const windows = (await monitoredWindows(scene)).filter(({ labels }) => labels !== undefined && labels > 0);
    const judged = windows.filter(({ auc }) => auc !== undefined && auc >= MIN_AUC);
    expectThat(
      judged.length > 0 && judged.length === windows.filter(({ auc }) => auc !== undefined).length,
      `the monitor to judge quality by late labels, always with an AUC of at least ${MIN_AUC}`,
      windows,
    );
    const auc = areaUnderCurve(answers);
    expectThat(auc >= MIN_AUC, `live AUC of at least ${MIN_AUC} over all of it`, auc);
    return { predictions: answers.length, failed: traffic.failed - failedBefore, auc, alarmsRed: 0, monitor: last };
  },
};
