import { batchFiles } from '../stage/batch';
import type { Act } from '../stage/act';
import { expectThat, until } from '../stage/expectation';
import { MODEL } from '../stage/target';

const ROWS = 4000;
const BATCH = 'w1-2026-11';

interface Rejected {
  readonly reason: string;
}

/** Data lands with three broken rows in it; the `_READY` manifest starts the pipeline. */
export const landData: Act = {
  id: 2,
  name: 'Land data',
  async play(scene) {
    const { platform } = scene;
    scene.step(`put ${ROWS} rows of W1 and one row with a missing column into the raw zone`);
    const rows = scene.worlds.take('W1', ROWS);
    const files = batchFiles(rows, { withShortRow: true });
    for (const [name, body] of files) {
      await platform.putObject(platform.output('RawBucketName'), `${MODEL}/${BATCH}/${name}`, body);
    }

    scene.step('the manifest starts the pipeline, which validates and takes a snapshot');
    const curated = platform.output('CuratedBucketName');
    const snapshots = platform.output('SnapshotBucketName');
    const manifest = await until(
      'a dataset snapshot',
      async () => (await platform.keys(snapshots, `${MODEL}/`)).find(key => key.endsWith('/manifest.json')),
      async () => scene.pipelineStatus(),
    );
    const digest = manifest.split('/')[1] ?? '';
    expectThat(/^[0-9a-f]{64}$/.test(digest), 'a snapshot named by a SHA-256 digest', manifest);
    const quarantine = (await platform.getJson(curated, `${MODEL}/${BATCH}/quarantine.json`)) as unknown as Rejected[];
    const validation = await platform.getJson(curated, `${MODEL}/${BATCH}/validation.json`);
    expectThat(quarantine.length === 3, 'three rows in quarantine', quarantine);
    const reasons = quarantine.map(row => row.reason);
    expectThat(
      reasons.filter(reason => reason.includes('sea_level_pressure')).length === 2,
      'two rows quarantined for their sea-level pressure',
      reasons,
    );
    expectThat(
      reasons.some(reason => /has \d+ fields, must have \d+/.test(reason)),
      'the row with a missing column quarantined for its number of fields',
      reasons,
    );
    expectThat(validation['valid'] === ROWS - 2, `${ROWS - 2} valid rows`, validation);
    return { batch: BATCH, rows: ROWS + 1, valid: validation['valid'], quarantined: reasons, snapshot: digest };
  },
};
