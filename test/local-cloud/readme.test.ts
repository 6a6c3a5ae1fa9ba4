import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceModel } from '../../local-cloud/sagemaker/service-model/model';
import { supportTable } from '../../local-cloud/sagemaker/service-model/support-table';

const FOLDER = join(__dirname, '..', '..', 'local-cloud');
const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');

/** Prettier lays tables out; what they say is the same with and without the spaces between. */
function bare(markdown: string): string {
  return markdown.replace(/[ -]+/g, '');
}

test('the README says what the local SageMaker does, by the service model', () => {
  const model = ServiceModel.load(join(__dirname, 'sagemaker', 'fixtures', 'service-model.json.gz'));
  // run `npm run local:readme` when this fails
  expect(bare(readme)).toContain(bare(supportTable(model)));
});

test('the README has every effect that a fault can have', () => {
  const source = readFileSync(join(FOLDER, 'ministack', 'mlops_local', 'faults', 'fault.py'), 'utf8');
  const effects = [...source.matchAll(/^ {4}"([a-z-]+)": Effect\(/gm)].map(([, name]) => name);
  expect(effects.length).toBeGreaterThan(8);
  const listed = [...readme.matchAll(/^\| `([a-z-]+)` +\| `/gm)].map(([, name]) => name);
  expect(listed).toEqual(effects);
});
