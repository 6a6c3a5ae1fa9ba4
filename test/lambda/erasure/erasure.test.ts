import { answerErasure, type ErasurePorts, type Person } from '../../../lambda/erasure/erasure';
import type { PlaceProgress } from '../../../lambda/erasure/progress';
import type { TrainingSettings } from '../../../lambda/shared/contracts';
import type { ErasureRequest } from '../../../lambda/shared/erasure-contract';
import type { ErasureRecord } from '../../../lambda/shared/ledger';

const REQUEST: ErasureRequest = {
  model: 'churn',
  subject: 'ada',
  id: 'erase-churn-1',
  requestedBy: 'arn:aws:iam::123456789012:user/eve',
  reason: 'request 17',
  dryRun: false,
};
const DONE: PlaceProgress = { outcome: 'done', looked: 2, rows: 3, versions: 4, problems: [] };

/** A platform in which each place answers what it is given. */
class Platform implements ErasurePorts {
  readonly records: ErasureRecord[] = [];
  readonly persons: Person[] = [];
  readonly asked: string[] = [];
  personalData: TrainingSettings['personalData'] = { subject: 'customer', fields: ['age'] };
  time = Infinity;
  answers: Record<'landed' | 'predictions' | 'labels', PlaceProgress[]> = {
    landed: [DONE],
    predictions: [DONE],
    labels: [DONE],
  };

  settings(model: string): Promise<TrainingSettings | undefined> {
    return Promise.resolve(
      model === 'churn' ? ({ personalData: this.personalData } as unknown as TrainingSettings) : undefined,
    );
  }

  places(person: Person): ReturnType<ErasurePorts['places']> {
    this.persons.push(person);
    const place = (name: keyof Platform['answers']) => (after: string | undefined) => {
      this.asked.push(`${name} after ${after ?? '-'}`);
      const answer = this.answers[name].shift();
      return answer === undefined ? Promise.reject(new Error(`${name} died`)) : Promise.resolve(answer);
    };
    return { landed: place('landed'), predictions: place('predictions'), labels: place('labels') };
  }

  remains(_model: string, fields: readonly string[]) {
    return Promise.resolve([{ what: `snapshots with ${fields.join()}`, until: '2027' }]);
  }

  append(_model: string, record: ErasureRecord): Promise<void> {
    this.records.push(record);
    return Promise.resolve();
  }

  hasTime(): boolean {
    return --this.time >= 0;
  }

  now(): Date {
    return new Date('2026-11-27T03:00:00.000Z');
  }
}

let platform: Platform;
beforeEach(() => {
  platform = new Platform();
});

describe('what is refused', () => {
  test.each([
    ['a model that is not there', { model: 'rain' }, /^'model' is 'rain', which has no training here/],
    ["a key that is nobody's", { subject: '  ' }, /^'subject' is empty/],
    ['a reason that tells who it was', { reason: 'ada wrote to us' }, /^'reason' has the person's key in it/],
  ])('%s', async (_what, given, reason) => {
    const answer = await answerErasure(platform, { ...REQUEST, ...given });

    expect(answer).toEqual({ outcome: 'refused', reason: expect.stringMatching(reason) as string });
    expect([platform.asked, platform.records]).toEqual([[], []]);
  });

  test("a model without 'subject', by the name of the property and with the fix", async () => {
    platform.personalData = undefined;

    expect(await answerErasure(platform, REQUEST)).toEqual({
      outcome: 'refused',
      reason: expect.stringContaining("model 'churn' has no 'subject'") as string,
    });
    expect(platform.asked).toEqual([]);
  });
});

describe('an erasure', () => {
  test('goes through all places, and tells what stays', async () => {
    const answer = await answerErasure(platform, REQUEST);

    expect(platform.asked).toEqual(['landed after -', 'predictions after -', 'labels after -']);
    expect(platform.persons[0]).toMatchObject({ column: 'customer', key: 'ada' });
    expect(answer).toEqual({
      outcome: 'done',
      looked: { landed: 2, predictions: 2, labels: 2 },
      rows: { landed: 3, predictions: 3, labels: 3 },
      versions: 12,
      problems: [],
      remains: [{ what: 'snapshots with age', until: '2027' }],
    });
  });

  test('is recorded before and after, by whom and with counts, and never who it was', async () => {
    await answerErasure(platform, REQUEST);

    expect(platform.records).toMatchObject([
      { id: 'erase-churn-1', outcome: 'begun', requestedBy: REQUEST.requestedBy, reason: 'request 17' },
      { id: 'erase-churn-1', outcome: 'done', rows: { landed: 3, predictions: 3, labels: 3 } },
    ]);
    expect(JSON.stringify(platform.records)).not.toContain('ada');
  });

  test('that dies has a record that it began', async () => {
    platform.answers.predictions = [];

    await expect(answerErasure(platform, REQUEST)).rejects.toThrow('predictions died');
    expect(platform.records.map(({ outcome }) => outcome)).toEqual(['begun']);
  });

  test('that could not look everywhere is recorded as incomplete', async () => {
    platform.answers.labels = [{ ...DONE, problems: [{ where: 'x', reason: 'no JSON' }] }];

    expect(await answerErasure(platform, REQUEST)).toMatchObject({ problems: [{ where: 'x', reason: 'no JSON' }] });
    expect(platform.records.at(-1)?.outcome).toBe('incomplete');
  });

  test('goes on in the place and after the object where time was up', async () => {
    // GIVEN
    platform.answers.predictions = [{ ...DONE, outcome: 'continue', after: 'day=1/a:b' }, DONE];

    // WHEN
    const first = await answerErasure(platform, REQUEST);
    if (first.outcome !== 'continue') throw new Error('it must go on');
    const second = await answerErasure(platform, { ...REQUEST, after: first.after });

    // THEN
    expect(second.outcome).toBe('done');
    expect(platform.asked).toEqual([
      'landed after -',
      'predictions after -',
      'predictions after day=1/a:b',
      'labels after -',
    ]);
    expect(platform.records.map(({ outcome }) => outcome)).toEqual(['begun', 'continues', 'done']);
  });

  test('goes on at the next place where time was up between two', async () => {
    platform.time = 0;
    const first = await answerErasure(platform, REQUEST);
    if (first.outcome !== 'continue') throw new Error('it must go on');
    platform.time = Infinity;

    await answerErasure(platform, { ...REQUEST, after: first.after });

    expect(platform.asked).toEqual(['landed after -', 'predictions after -', 'labels after -']);
  });

  test('fails where it cannot tell how far it was', async () => {
    await expect(answerErasure(platform, { ...REQUEST, after: 'snapshots:x' })).rejects.toThrow(
      "'after' is 'snapshots:x', must be what the last answer said",
    );
  });

  test('that only counts leaves no record', async () => {
    await answerErasure(platform, { ...REQUEST, dryRun: true });

    expect(platform.persons[0]?.dryRun).toBe(true);
    expect(platform.records).toEqual([]);
  });
});
