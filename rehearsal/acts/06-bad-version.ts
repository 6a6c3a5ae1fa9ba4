import { join } from 'node:path';
import type { Act } from '../stage/act';
import { expectThat, unmet, until } from '../stage/expectation';
import { monitoredWindows } from '../stage/records';
import { MODEL } from '../stage/target';
import { areaUnderCurve } from '../stage/traffic';
import { uploadTrainingCode } from '../stage/training-code';

const ROWS_PER_PERIOD = 500;
const MAX_PERIODS = 2;
const MIN_AUC = 0.8;
const WORTHLESS_AUC = 0.6;

/** Training converts units, serving does not: good on paper, worthless live, and gone before a label has come. */
export const badVersion: Act = {
  id: 6,
  name: 'A bad version',
  async play(scene) {
    const { platform, traffic, calendar, worlds, inbox } = scene;
    const failedBefore = traffic.failed;
    scene.step("train version 2 with the skewed team code, as the team's CI would");
    const code = await uploadTrainingCode(scene, join(scene.repository, 'rehearsal', 'skewed-version'));
    const run = await platform.succeeded(
      await platform.start('PipelineStateMachineArn', 'skewed-training-code', {
        model: MODEL,
        trigger: {
          kind: 'manual',
          id: 'skewed-training-code',
          requestedBy: 'team CI',
          reason: 'a merge to the training code',
        },
        code,
      }),
    );
    expectThat(run.output['version'] === '2', 'version 2 to be registered', run.output);
    const version = await platform.registered('2');
    const auc = Number(version.metadata['auc']);
    expectThat(
      auc >= MIN_AUC,
      `version 2 to pass its own evaluation with AUC of at least ${MIN_AUC}`,
      version.metadata,
    );

    scene.step('approve and release version 2, while callers go on calling');
    await scene.landLabels();
    await platform.approve('2', 'its evaluation is better than that of version 1');
    const answeredBefore = traffic.answeredBy.length;
    await traffic.during(platform.serves('2'), () => worlds.take('W1', 1));
    const answeredBy = traffic.answeredBy.slice(answeredBefore);
    if (scene.target.dividesTraffic) {
      const shared = answeredBy.slice(answeredBy.indexOf('2'), answeredBy.lastIndexOf('1') + 1);
      expectThat(
        shared.includes('1') && shared.includes('2'),
        'both versions to answer callers for a while, as the canary divides them',
        answeredBy,
      );
    }

    let periods = 0;
    let live: Awaited<ReturnType<typeof traffic.send>> = [];
    const told = (await inbox.read()).length;
    const rolledBack = async () =>
      (await platform.ledgerItems('REACTION')).find(item => item['decision'] === 'roll-back');
    while ((await rolledBack()) === undefined) {
      periods++;
      if (periods > MAX_PERIODS) {
        throw unmet(`a rollback within ${MAX_PERIODS} periods`, await platform.ledgerItems('REACTION'));
      }
      scene.step(`period ${periods} with version 2 serving`);
      await calendar.live(async () => {
        live = [...live, ...(await traffic.send(worlds.take('W1', ROWS_PER_PERIOD)))];
      });
      await scene.quiet();
    }
    scene.step('red alarm → rollback, while callers go on calling');
    await traffic.during(platform.serves('1'), () => worlds.take('W1', 1));
    const reaction = await rolledBack();
    expectThat(periods <= MAX_PERIODS, `a rollback within ${MAX_PERIODS} periods`, periods);
    const labelled = (await monitoredWindows(scene)).filter(
      window => window.version === '2' && (window.labels ?? 0) > 0,
    );
    expectThat(labelled.length === 0, 'not one label of version 2 known by then', labelled);
    const driftAlarm = (await platform.settings(scene.environment, 'reaction'))['alarms'] as Record<string, string>;
    expectThat(
      reaction?.['alarm'] === driftAlarm['predictionDrift'],
      `the prediction drift alarm '${driftAlarm['predictionDrift']}' to be the one that acts, before any label`,
      reaction ?? {},
    );
    const rejected = await until(
      "version 2 to be 'Rejected'",
      async () => {
        const now = await platform.registered('2');
        return now.status === 'Rejected' ? now : undefined;
      },
      () => platform.registered('2'),
    );
    expectThat(rejected.approvalDescription.length > 20, 'a reason with the rejection', rejected.approvalDescription);
    const letter = await inbox.letter(/roll(ed)? ?back/i, told);
    const answer = (await traffic.send(worlds.take('W1', 1))).at(0);
    expectThat(answer?.version === '1', 'version 1 to answer', answer ?? traffic.failures);

    scene.step('the labels arrive and confirm it');
    await scene.landLabels();
    const fromVersion2 = live.filter(answered => answered.version === '2');
    const liveAuc = areaUnderCurve(fromVersion2);
    const rainPredicted = fromVersion2.filter(answered => answered.prediction === 1).length;
    expectThat(liveAuc < WORTHLESS_AUC, `live AUC of version 2 below ${WORTHLESS_AUC}`, liveAuc);
    expectThat(rainPredicted === 0, 'version 2 never to predict rain', rainPredicted);
    const report = await calendar.live(() => traffic.send(worlds.take('W1', ROWS_PER_PERIOD)));
    expectThat(
      traffic.failed === failedBefore,
      'not one failed prediction in the whole act',
      traffic.failures.slice(-3),
    );
    return {
      ownEvaluationAuc: auc,
      liveAuc,
      rainPredicted,
      periodsUntilRollback: periods,
      alarm: reaction['alarm'],
      reason: reaction['reason'],
      rejectedBecause: rejected.approvalDescription,
      personWasTold: letter.subject,
      failedPredictions: traffic.failed - failedBefore,
      monitorAfterwards: report,
    };
  },
};
