// Writes what the local SageMaker does and refuses into the local cloud's README.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ServiceModel } from '../local-cloud/sagemaker/service-model/model';
import { supportTable } from '../local-cloud/sagemaker/service-model/support-table';

const ROOT = join(__dirname, '..');
const README = join(ROOT, 'local-cloud', 'README.md');
const MODEL = join(ROOT, 'test', 'local-cloud', 'sagemaker', 'fixtures', 'service-model.json.gz');
const BEGIN = '<!-- operations: written by `npm run local:readme` -->';
const END = '<!-- end of operations -->';

async function main(): Promise<void> {
  const text = readFileSync(README, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`${README} has no '${BEGIN}' … '${END}'`);
  }
  const table = supportTable(ServiceModel.load(MODEL));
  const written = `${text.slice(0, begin)}${BEGIN}\n\n${table}\n\n${text.slice(end)}`;
  writeFileSync(README, await format(written, { ...(await resolveConfig(README)), filepath: README }));
}

void main();
