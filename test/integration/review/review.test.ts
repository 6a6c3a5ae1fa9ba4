import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');
/** What the app and the command need; the rest of the repository is only in the way. */
const NEEDED = [
  'bin',
  'cdk.json',
  'constructs',
  'environments',
  'examples',
  'images',
  'lambda',
  'lib',
  'package-lock.json',
];
const NEEDED_TOO = ['package.json', 'review', 'scripts', 'tsconfig.base.json', 'tsconfig.json'];

jest.setTimeout(240_000);

let repository: string;

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd: repository, encoding: 'utf8' });
}

/** Changes a file, and commits it. */
function commit(file: string, change: (text: string) => string): void {
  const path = join(repository, file);
  const text = readFileSync(path, 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
  git('commit', '--quiet', '--all', '--message', `change ${file}`);
}

interface Reviewed {
  readonly code: number | null;
  readonly report: string;
  readonly progress: string;
}

function review(...args: string[]): Reviewed {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join('review', 'review.ts'), ...args],
    { cwd: repository, encoding: 'utf8', env: { ...process.env, CDK_DEFAULT_ACCOUNT: '111122223333' } },
  );
  return { code: status, report: stdout, progress: stderr };
}

beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), 'review-test-'));
  for (const name of [...NEEDED, ...NEEDED_TOO]) {
    cpSync(join(ROOT, name), join(repository, name), {
      recursive: true,
      filter: source => !/(^|\/)(node_modules|__pycache__|\.venv)$/.test(relative(ROOT, source)),
    });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(repository, 'node_modules'));
  writeFileSync(join(repository, '.gitignore'), 'node_modules\nassets/\ncdk.out/\ndist/\n');
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'the platform');
});

afterAll(() => rmSync(repository, { recursive: true, force: true }));

test('names what is dangerous between two commits, leaves nothing behind, and asks for a person', () => {
  // GIVEN
  git('checkout', '--quiet', '-b', 'dangerous', 'main');
  commit('environments/prod.yaml', text => text.replace('tier: prod', 'tier: prod\nterminationProtection: false'));
  commit('lib/data-stack.ts', text => `// a comment changes nothing\n${text}`);

  // WHEN
  const { code, report, progress } = review('--base', 'main', '--head', 'dangerous', '--environment', 'prod');

  // THEN
  expect(report.split('\n').slice(0, 6).join('\n')).toContain(
    'termination protection of stack `mlops-prod-data` is switched off',
  );
  expect(report).not.toContain('`staging`');
  expect(progress).toContain('synthesised main');
  expect(code).toBe(1);
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
});

test('has nothing to look at where code and comments alone change, in the working tree too', () => {
  // GIVEN
  git('checkout', '--quiet', '-b', 'harmless', 'main');
  commit('lib/data-stack.ts', text => `// a comment changes nothing\n${text}`);
  const handler = join(repository, 'lambda', 'reaction', 'handler.ts');
  writeFileSync(handler, `${readFileSync(handler, 'utf8')}\nconsole.log('another hash');\n`);

  // WHEN
  const { code, report } = review('--base', 'main', '--environment', 'prod');

  // THEN
  expect(report).toContain('**Nothing to look at**');
  expect(report).toContain('Code alone changes in 1 functions or layers');
  expect(report).toContain('working tree');
  expect(code).toBe(0);
  expect(git('status', '--porcelain').trim()).toBe('M lambda/reaction/handler.ts');
});

test('shows an environment that is on one side alone as new, or as gone', () => {
  // GIVEN
  git('checkout', '--quiet', '-b', 'grown', 'main');
  const file = join('environments', 'fresh.yaml');
  cpSync(join(repository, 'environments', 'dev.yaml'), join(repository, file));
  git('add', file);
  git('commit', '--quiet', '--message', 'a new environment');

  // WHEN
  const made = review('--base', 'main', '--head', 'grown', '--environment', 'fresh');
  const gone = review('--base', 'grown', '--head', 'main', '--environment', 'fresh');

  // THEN
  expect(made).toMatchObject({ code: 1, report: expect.stringContaining('### fresh (new)') });
  expect(made.progress).toContain("main has no environment 'fresh'");
  expect(gone).toMatchObject({ code: 1, report: expect.stringContaining('### fresh (gone)') });
  expect(gone.report).toContain('stack `mlops-fresh-data` is no longer there');
});

test('shows all as new where nothing is deployed yet', () => {
  git('checkout', '--quiet', '--force', 'main');

  const { code, report } = review('--base', 'none', '--environment', 'dev');

  expect(report).toMatch(/^## Infrastructure: `none` → `working tree`/);
  expect(report).toContain('### dev (new)');
  expect(code).toBe(1);
});

test('fails with what git knows not, and with an app that does not synthesise', () => {
  expect(review('--base', 'nowhere')).toMatchObject({
    code: 2,
    report: '',
    progress: expect.stringContaining("git knows no commit 'nowhere'"),
  });
  expect(review('--base', 'main', '--environment', 'nowhere')).toMatchObject({
    code: 2,
    report: '',
    progress: expect.stringContaining(
      "environment 'nowhere' has no file in 'environments/', neither in main nor in working tree",
    ),
  });
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
});
