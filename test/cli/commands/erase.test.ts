import { audit } from '../../../cli/commands/audit';
import { erase, type Erasing } from '../../../cli/commands/erase';
import type { ErasureAnswer } from '../../../lambda/shared/erasure-contract';
import type { ErasureRecord } from '../../../lambda/shared/ledger';
import { MemoryPlatform } from '../support/memory-platform';

const ERASING: Erasing = { model: 'churn', subject: 'ada', requestIds: [], dryRun: false };
const DONE: Exclude<ErasureAnswer, { outcome: 'refused' }> = {
  outcome: 'done',
  looked: { landed: 3, predictions: 20, labels: 5 },
  rows: { landed: 2, predictions: 4, labels: 1 },
  versions: 9,
  problems: [],
  remains: [{ what: 'rows without the key in locked snapshots', until: '2027-11-27T03:00:00.000Z' }],
};

let platform: MemoryPlatform;
let told: string[];
beforeEach(() => {
  platform = new MemoryPlatform({ churn: {} });
  told = [];
});

function run(given: Partial<Erasing> = {}) {
  return erase(platform, { ...ERASING, ...given }, line => told.push(line));
}

test('tells what was erased, what remains and until when', async () => {
  platform.erasureAnswers = [DONE];

  const { text, done, data } = await run({ reason: 'request 17', requestIds: ['r-1'] });

  expect(done).toBe(true);
  expect(text).toContain(
    'erased: 2 landed rows, 4 predictions, 1 labels, 9 old versions; looked through 3 batches and 25 objects of the log',
  );
  expect(text).toContain('remains:\n  - rows without the key in locked snapshots, until: 2027-11-27T03:00:00.000Z');
  expect(platform.erasuresAsked).toMatchObject([
    {
      model: 'churn',
      subject: 'ada',
      requestIds: ['r-1'],
      reason: 'request 17',
      requestedBy: 'arn:aws:sts::123456789012:assumed-role/OnCall/ann',
      dryRun: false,
    },
  ]);
  expect(data).toMatchObject({ model: 'churn', environment: 'prod', rows: { landed: 2 } });
});

test('neither what it says nor what programs get has the key', async () => {
  platform.erasureAnswers = [{ ...DONE, outcome: 'continue', after: 'labels:' }, DONE];

  const { text, data } = await run({ subject: 'ada@example.com' });

  expect(text + JSON.stringify(data) + told.join()).not.toContain('ada@example.com');
});

test('asks until all is looked through, each time from where it was, and adds up', async () => {
  platform.erasureAnswers = [
    { ...DONE, outcome: 'continue', after: 'predictions:a', remains: [] },
    {
      ...DONE,
      outcome: 'continue',
      after: 'predictions:b',
      remains: [],
      problems: [{ where: 'b', reason: 'no JSON' }],
    },
    DONE,
  ];

  const { text, data } = await run();

  expect(platform.erasuresAsked.map(({ after }) => after)).toEqual([undefined, 'predictions:a', 'predictions:b']);
  expect(new Set(platform.erasuresAsked.map(({ id }) => id)).size).toBe(1);
  expect(data).toMatchObject({ rows: { landed: 6, predictions: 12, labels: 3 }, versions: 27 });
  expect(told).toHaveLength(2);
  expect(text).toContain('b: no JSON');
});

test('is not done where the person may still be', async () => {
  platform.erasureAnswers = [{ ...DONE, problems: [{ where: "batch 'b2'", reason: 'it is still landing' }] }];

  const { done, text } = await run();

  expect(done).toBe(false);
  expect(text).toContain("still to do, the person may be there:\n  - batch 'b2': it is still landing");
});

test('a dry run says that nothing was changed', async () => {
  platform.erasureAnswers = [DONE];

  const { text } = await run({ dryRun: true });

  expect(platform.erasuresAsked).toMatchObject([{ dryRun: true }]);
  expect(text).toMatch(/^would be erased: 2 landed rows/);
  expect(text).toContain('nothing was changed or recorded');
});

test('a refusal is told with its reason', async () => {
  platform.erasureAnswers = [{ outcome: 'refused', reason: "model 'churn' has no 'subject'" }];

  expect(await run()).toMatchObject({ text: "refused: model 'churn' has no 'subject'", done: false });
});

test('fails for a model that is not there, before anything is asked', async () => {
  await expect(run({ model: 'chrun' })).rejects.toThrow("'chrun'");
  expect(platform.erasuresAsked).toEqual([]);
});

test('an audit shows who erased how much, and when', async () => {
  const record: ErasureRecord = {
    id: 'erase-churn-1',
    requestedBy: 'arn:aws:iam::123456789012:user/eve',
    reason: 'request 17',
    outcome: 'begun',
    detail: 'nothing is erased yet',
    rows: { landed: 0, predictions: 0, labels: 0 },
    at: '2026-11-27T03:00:00.000Z',
  };
  const ended: ErasureRecord = { ...record, outcome: 'done', rows: DONE.rows, at: '2026-11-27T03:01:00.000Z' };
  const prod = new MemoryPlatform({ churn: { trainings: [], erasures: [record, ended] } });

  const { text } = await audit(prod, 'churn', undefined);

  expect(text.split('\n').slice(1)).toEqual([
    expect.stringMatching(/^2026-11-27 03:00:00Z {2}erasure +- +begun +eve +request 17 /) as string,
    expect.stringMatching(
      /^2026-11-27 03:01:00Z {2}erasure +- +done +eve +2 landed rows, 4 predictions, 1 labels; request/,
    ) as string,
  ]);
});
