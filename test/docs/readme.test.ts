import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { METRIC_NAMES, RELEASE_METRIC_NAMES, SERVING_METRIC_NAMES } from '../../lambda/shared/contracts';
import { ChurnStack } from './example-stack';

const ROOT = join(__dirname, '..', '..');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/loop.md',
  'docs/serving.md',
  'docs/dashboards.md',
  'docs/troubleshooting.md',
  'docs/cli.md',
  'docs/importing.md',
  'docs/runbook.md',
  'docs/governance.md',
  'docs/cost-of-a-model.md',
  'docs/review.md',
  'docs/first-deploy.md',
  'docs/upgrading.md',
  'docs/rollback-times.md',
  'docs/what-always-holds.md',
  'docs/other-peoples-failures.md',
];
/** Made by the commands that the pages tell of. */
const MADE = ['rehearsal-report', '.venv', 'cdk.out', '.local-cloud', 'assets', 'dist'];

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

describe('the README', () => {
  test('shows the example that is compiled here', () => {
    const example = readFileSync(join(__dirname, 'example-stack.ts'), 'utf8').replace(
      '../../constructs',
      'mlops-blueprint',
    );

    expect(read('README.md')).toContain(`\`\`\`ts\n${example}\`\`\``);
  });

  test('counts the alarms and metrics that cost, as they are', () => {
    const count = (stack: string): number =>
      readFileSync(join(ROOT, 'test', 'snapshots', 'prod', stack), 'utf8').split('Type: AWS::CloudWatch::Alarm')
        .length - 1;
    const alarms = count('Platform.yaml') + count('Model-rain.yaml');
    // no version is collected where no model serves on a cluster
    const releases = RELEASE_METRIC_NAMES.filter(name => name !== 'CollectorHeartbeat');
    // those of trainings cost in the hours in which one ended alone: cents
    const metrics = METRIC_NAMES.length + releases.length + SERVING_METRIC_NAMES.length;

    expect(read('README.md')).toMatch(new RegExp(`\\| alarms, own metrics +(\\| ${alarms}, ${metrics} +){3}\\|`));
    const price = (alarms * 0.1 + metrics * 0.3).toFixed(2);
    expect(read('README.md')).toMatch(new RegExp(`\\| alarms and metrics +(\\| +${price} ){3}\\|`));
  });

  test('its example makes a stack', () => {
    // GIVEN
    const folder = mkdtempSync(join(tmpdir(), 'readme-test-'));
    mkdirSync(join(folder, 'churn'));
    writeFileSync(join(folder, 'churn', 'train.py'), '');
    const before = process.cwd();

    // WHEN
    let template: Template;
    try {
      process.chdir(folder);
      template = Template.fromStack(new ChurnStack(new App(), 'Churn'));
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }

    // THEN
    template.resourceCountIs('AWS::SageMaker::ModelPackageGroup', 1);
    template.resourceCountIs('AWS::SageMaker::Endpoint', 0);
  });
});

describe.each(PAGES)('%s', page => {
  test('names only paths that there are', () => {
    const named = [...read(page).matchAll(/`([\w.@*-]+\/[\w./@*-]*)`/g)].map(([, path]) => path);
    const folders = named.filter(path => existsSync(join(ROOT, path.split('/')[0])) && !path.includes('*'));
    const missing = folders.filter(path => !existsSync(join(ROOT, path)) && !MADE.includes(path.split('/')[0]));

    expect(missing).toEqual([]);
  });

  test('calls the pages that it names in a sentence by their titles', () => {
    const titled = [...read(page).matchAll(/\[([^\]]+)\]\(((?:docs\/)?[\w-]+\.md)\)/g)].filter(
      ([, words]) => /^[A-Z]/.test(words) && !words.endsWith('.md'),
    );
    const titles = titled.map(([, words, link]) => ({
      words: words.replace(/\s+/g, ' '),
      title: /^# (.+)$/m.exec(readFileSync(join(ROOT, dirname(page), link), 'utf8'))?.[1],
    }));

    expect(titles.filter(({ words, title }) => words !== title)).toEqual([]);
  });

  test('links only to pages that there are', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, link]) => link);

    expect(links.filter(link => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });

  test('names only scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm (?:run )?((?<=run )[\w:]+|test\b)/g)].map(([, name]) => name);

    expect([...new Set(named)].filter(name => !(name in scripts))).toEqual([]);
  });
});
