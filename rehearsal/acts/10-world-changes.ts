import { batchFiles } from '../stage/batch';
import type { Act } from '../stage/act';
import { expectThat, unmet, until } from '../stage/expectation';
import { expectAlarmsOk } from '../stage/quiet-alarms';
import { monitoredWindows } from '../stage/records';
import type { Scene } from '../stage/scene';
import { MODEL } from '../stage/target';
import { areaUnderCurve } from '../stage/traffic';

const TRAINING_ROWS = 2000;
const ROWS_PER_PERIOD = 500;
const MAX_PERIODS = 3;
const MIN_AUC = 0.8;
const HOUR_SECONDS = 3600;

/** The labels follow another rule now. The old champion is not at fault against another version: retrain. */
export const worldChanges: Act = {
  id: 10,
  name: 'The world changes',
  async play(scene) {
    const { platform, traffic, calendar, worlds } = scene;
    const settings = await platform.settings(scene.environment, 'reaction');
    const wait = Math.max(Number(settings['rollbackWindowSeconds']), Number(settings['cooldownSeconds']));
    scene.step(`${Math.round(wait / HOUR_SECONDS)} hours pass without a caller: beyond rollback window and cooldown`);
    await scene.idle(wait + HOUR_SECONDS);
    const reactionsBefore = (await platform.ledgerItems('REACTION')).length;

    scene.step(`${TRAINING_ROWS} rows of the new world land; alone they are too few to train on`);
    for (const [name, body] of batchFiles(worlds.take('W2', TRAINING_ROWS), { withShortRow: false })) {
      await platform.putObject(platform.output('RawBucketName'), `${MODEL}/w2-2026-11/${name}`, body);
    }

    let old: Awaited<ReturnType<typeof traffic.send>> = [];
    const retrained = async () =>
      (await platform.ledgerItems('REACTION')).slice(reactionsBefore).find(item => item['decision'] === 'retrain');
    for (let period = 1; (await retrained()) === undefined; period++) {
      if (period > MAX_PERIODS) {
        throw unmet(`a retraining within ${MAX_PERIODS} periods`, await platform.ledgerItems('REACTION'));
      }
      scene.step(`period ${period} of the new world, version 1 serving`);
      await calendar.live(async () => {
        const answers = await traffic.send(worlds.take('W2', ROWS_PER_PERIOD));
        old = [...old, ...answers];
        await scene.landLabels();
      });
      await scene.quiet();
    }
    const reaction = await retrained();
    const aucBefore = areaUnderCurve(old);
    expectThat(aucBefore < 0.5, 'live AUC of the champion below 0.5', aucBefore);
    expectThat(
      String(reaction?.['reason']).includes('not less than the rollback window'),
      'the reason recorded: it serves for longer than the rollback window',
      reaction ?? {},
    );
    const drifted = (await monitoredWindows(scene)).at(-1);
    const limits = await platform.settings(scene.environment, 'monitoring');
    expectThat(
      (drifted?.predictionPsiExcess ?? 0) > Number(limits['minExcess']) && (drifted?.driftedFeatureShare ?? 0) > 0,
      'inputs and predictions to drift too',
      drifted ?? {},
    );

    scene.step('version 3 is trained on the new world');
    await until(
      'version 3 to be registered',
      async () => ((await platform.versionNumbers()).includes('3') ? true : undefined),
      () => scene.pipelineStatus(),
      120,
    );
    const version = await platform.registered('3');
    const manifest = await snapshotManifest(scene, version.metadata['snapshotDigest'] ?? '');
    expectThat(
      manifest.includes('w2-2026-11') && !manifest.includes('w1-2026-11'),
      'version 3 to be trained on a snapshot of W2 rows alone',
      manifest,
    );
    const championAuc = Number(version.metadata['championAuc']);
    const auc = Number(version.metadata['auc']);
    expectThat(auc > championAuc, 'version 3 to beat the champion on the newest labels', version.metadata);

    scene.step('approve and release version 3');
    await platform.approve('3', 'it knows the new world');
    await traffic.during(platform.serves('3'), () => worlds.take('W2', 1));

    scene.step('quality is back, the alarms return to OK');
    let fresh: Awaited<ReturnType<typeof traffic.send>> = [];
    for (let period = 1; period <= MAX_PERIODS; period++) {
      await calendar.live(async () => {
        fresh = [...fresh, ...(await traffic.send(worlds.take('W2', ROWS_PER_PERIOD)))];
        await scene.landLabels();
      });
    }
    const aucAfter = areaUnderCurve(fresh);
    expectThat(aucAfter >= MIN_AUC, `live AUC of at least ${MIN_AUC} again`, aucAfter);
    await expectAlarmsOk(scene);
    const after = (await platform.ledgerItems('REACTION')).slice(reactionsBefore);
    expectThat(!after.some(item => item['decision'] === 'roll-back'), 'no rollback of a long-serving version', after);
    return { aucBefore, decision: reaction?.['decision'], reason: reaction?.['reason'], auc, championAuc, aucAfter };
  },
};

/** What a snapshot says that it was made from. */
async function snapshotManifest({ platform }: Scene, digest: string): Promise<string> {
  const key = `${MODEL}/${digest}/manifest.json`;
  return JSON.stringify(await platform.getJson(platform.output('SnapshotBucketName'), key));
}
