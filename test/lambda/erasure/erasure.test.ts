import { answerErasure, type ErasurePorts, type Person } from '../../../lambda/erasure/erasure';
import type { PlaceProgress } from '../../../lambda/erasure/progress';
import type { TrainingSettings } from '../../../lambda/shared/contracts';
import type { ErasureRequest } from '../../../lambda/shared/erasure-contract';
import type { ErasureRecord } from '../../../lambda/shared/ledger';
import { MemoryLock } from './memory-lock';

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
  clock = Date.parse('2026-11-27T03:00:00.000Z');
  readonly lock = new MemoryLock();
  private calls = 0;
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
    return new Date(this.clock);
  }

  callId(): string {
    return `call-${++this.calls}`;
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

describe('another erasure of the same model', () => {
  /** Holds the first erasure where it has begun. */
  function stopped(): { go: () => void; begun: Promise<void> } {
    let [go, begin] = [(): void => undefined, (): void => undefined];
    const begun = new Promise<void>(resolve => (begin = resolve));
    const gate = new Promise<void>(resolve => (go = resolve));
    const places = platform.places.bind(platform);
    platform.places = person => {
      const real = places(person);
      const waits = async (after: string | undefined): Promise<PlaceProgress> => {
        begin();
        await gate;
        return real.landed(after);
      };
      return { ...real, landed: waits };
    };
    return { go, begun };
  }

  test('is refused while one runs, by whose it is and since when, and does nothing', async () => {
    // GIVEN
    const { go, begun } = stopped();
    const first = answerErasure(platform, REQUEST);
    await begun;

    // WHEN
    const second = await answerErasure(platform, { ...REQUEST, id: 'erase-churn-2', subject: 'bob' });

    // THEN
    expect(second).toEqual({
      outcome: 'refused',
      reason:
        "another erasure of 'churn' ('erase-churn-1') runs since 2026-11-27T03:00:00.000Z and is over at " +
        '2026-11-27T03:16:00.000Z at the latest, nothing was erased: try again',
    });
    expect(platform.persons.map(({ key }) => key)).toEqual(['ada']);
    go();
    expect((await first).outcome).toBe('done');
    expect(platform.records.map(({ id }) => id)).toEqual(['erase-churn-1', 'erase-churn-1']);
  });

  test('is the same one sent twice: one call alone works', async () => {
    const { go, begun } = stopped();
    const first = answerErasure(platform, REQUEST);
    await begun;

    expect(await answerErasure(platform, REQUEST)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringMatching(/^a call of this same erasure runs since /) as string,
    });
    go();
    await first;
  });

  test('that only counts is let through', async () => {
    const { go, begun } = stopped();
    const first = answerErasure(platform, REQUEST);
    await begun;
    go();
    platform.answers = { landed: [DONE, DONE], predictions: [DONE, DONE], labels: [DONE, DONE] };

    expect(await answerErasure(platform, { ...REQUEST, dryRun: true })).toMatchObject({ outcome: 'done' });
    await first;
  });

  test('has to wait between two calls of one, which goes on where it was', async () => {
    // GIVEN one whose time was up
    platform.answers.landed = [{ ...DONE, outcome: 'continue', after: 'b1' }, DONE];
    const first = await answerErasure(platform, REQUEST);
    if (first.outcome !== 'continue') throw new Error('it must go on');

    // WHEN
    const other = await answerErasure(platform, { ...REQUEST, id: 'erase-churn-2' });
    const next = await answerErasure(platform, { ...REQUEST, after: first.after });

    // THEN
    expect([other.outcome, next.outcome]).toEqual(['refused', 'done']);
  });

  test('goes first where one did not come back, which takes the lock again after it', async () => {
    platform.answers = {
      landed: [{ ...DONE, outcome: 'continue', after: 'b1' }, DONE, DONE],
      predictions: [DONE, DONE],
      labels: [DONE, DONE],
    };
    const first = await answerErasure(platform, REQUEST);
    if (first.outcome !== 'continue') throw new Error('it must go on');
    platform.clock += 2 * 60_000;

    expect(await answerErasure(platform, { ...REQUEST, id: 'erase-churn-2' })).toMatchObject({ outcome: 'done' });
    expect(await answerErasure(platform, { ...REQUEST, after: first.after })).toMatchObject({ outcome: 'done' });
  });

  test('goes on once one has failed', async () => {
    platform.answers.landed = [];
    await expect(answerErasure(platform, REQUEST)).rejects.toThrow('landed died');
    platform.answers.landed = [DONE];

    expect(await answerErasure(platform, { ...REQUEST, id: 'erase-churn-2' })).toMatchObject({ outcome: 'done' });
  });

  test('waits for one that died no longer than its lease', async () => {
    platform.lock.held = {
      owner: 'erase-churn-0',
      call: 'x',
      since: '2026-11-27T02:50:00.000Z',
      expiresAt: '2026-11-27T03:06:00.000Z',
    };

    expect((await answerErasure(platform, REQUEST)).outcome).toBe('refused');
    platform.clock = Date.parse('2026-11-27T03:06:00.000Z');
    expect((await answerErasure(platform, REQUEST)).outcome).toBe('done');
  });
});
