import fc from 'fast-check';
import { archive, type ChangeEvent } from '../../../lambda/audit-records/archive';
import { auditRecord } from '../../../lambda/audit-records/audit-record';
import { ledgerKeys } from '../../../lambda/shared/ledger';
import { plainItem, type StreamValue } from '../../../lambda/audit-records/stream-image';

const CHANGED = '2026-11-28T01:00:00.000Z';
const change = (sk: string, item?: Record<string, unknown>): ChangeEvent => ({
  eventId: 'event-1',
  pk: 'rain',
  sk,
  changedAt: CHANGED,
  ...(item === undefined ? {} : { item: { pk: 'rain', sk, ...item } }),
});
const RELEASE = {
  id: 'rollback-1',
  action: 'rollback',
  version: '1',
  from: '2',
  requestedBy: 'ada',
  reason: 'wrong answers',
  outcome: 'succeeded',
  detail: 'version 1 serves',
  startedAt: '2026-11-27T23:58:00.000Z',
  endedAt: '2026-11-27T23:59:00.000Z',
  generation: 7,
};

class Memory {
  readonly objects = new Map<string, string>();
  put(key: string, line: string): Promise<void> {
    this.objects.set(key, line);
    return Promise.resolve();
  }
}

test('a release is a line with who, what, why and the whole record', () => {
  expect(auditRecord(change('RELEASE#t#rollback-1', RELEASE))).toEqual({
    happened_at: RELEASE.endedAt,
    model: 'rain',
    kind: 'release',
    id: 'rollback-1',
    action: 'rollback',
    version: '1',
    from_version: '2',
    outcome: 'succeeded',
    requested_by: 'ada',
    reason: 'wrong answers',
    detail: 'version 1 serves',
    run_id: null,
    snapshot_digest: null,
    item: JSON.stringify(RELEASE),
  });
});

test.each([
  [
    'REACTION#t#1',
    { decidedAt: CHANGED, decision: 'page', alarm: 'rain-quality', evidence: { from: '2' } },
    { kind: 'decision', action: 'page', version: '2', requested_by: 'rain-quality', happened_at: CHANGED },
  ],
  [
    'HOLDING#1',
    { at: CHANGED, action: 'hold', requestedBy: 'ada' },
    { kind: 'hold', action: 'hold', requested_by: 'ada' },
  ],
  [
    'DRIFT#1#x',
    { at: CHANGED, current: '1', serves: 'version 3' },
    { kind: 'drift', version: '1', detail: 'version 3' },
  ],
  [
    'PROMOTION#dev#000000007',
    {
      at: CHANGED,
      version: '3',
      from: { environment: 'dev', version: '7', modelPackageArn: 'arn:7' },
      approvedBy: 'ada',
      reason: 'good',
      runId: 'run-1',
    },
    {
      kind: 'promotion',
      id: 'arn:7',
      version: '3',
      from_version: '7',
      detail: 'dev',
      requested_by: 'ada',
      reason: 'good',
      run_id: 'run-1',
    },
  ],
  [
    'ERASURE#t#erase-1',
    { id: 'erase-1', at: CHANGED, requestedBy: 'eve', reason: 'request 17', outcome: 'done', detail: '2 landed rows' },
    {
      kind: 'erasure',
      id: 'erase-1',
      outcome: 'done',
      requested_by: 'eve',
      reason: 'request 17',
      happened_at: CHANGED,
    },
  ],
  [
    'VERSION#1',
    { version: '1', status: 'healthy', by: 'bob' },
    { kind: 'version', outcome: 'healthy', requested_by: 'bob' },
  ],
  [
    'RUN#r',
    {
      runId: 'r',
      status: 'succeeded',
      startedAt: 's',
      endedAt: 'e',
      trigger: 'manual',
      inputs: { snapshotDigest: 'd' },
    },
    { kind: 'run', run_id: 'r', outcome: 'succeeded', snapshot_digest: 'd', happened_at: 'e', action: 'manual' },
  ],
  ['RUN#r', { runId: 'r', status: 'running', startedAt: 's' }, { outcome: 'running', happened_at: 's' }],
  [
    'EXECUTION#n',
    {
      name: 'n',
      at: 'a',
      trigger: 'retrain',
      requestedBy: 'ada',
      startReason: 'drift',
      outcome: 'skipped',
      reason: 'cap',
    },
    {
      kind: 'execution',
      id: 'n',
      action: 'retrain',
      reason: 'drift',
      detail: 'cap',
      outcome: 'skipped',
      happened_at: 'a',
    },
  ],
])('%s is told in the columns of its kind', (sk, item, columns) => {
  expect(auditRecord(change(sk, item))).toMatchObject(columns);
});

test.each(['STATE', 'HOLD', 'WAITING', 'ERASING', 'REACTIONID#1', 'MODEL#rain'])(
  '%s decides nothing and leaves no line',
  sk => {
    expect(auditRecord(change(sk, { model: 'rain' }))).toBeUndefined();
  },
);

test('nothing that the ledger keeps of a model for good is left out', () => {
  const kept = Object.values(ledgerKeys).filter(key => typeof key === 'string' && key.endsWith('#'));

  // of the table, not of a model
  expect(kept.filter(prefix => auditRecord(change(`${String(prefix)}1`, {})) === undefined)).toEqual([
    ledgerKeys.models,
  ]);
});

test('a record that was deleted leaves a line of its own', () => {
  expect(auditRecord(change('RELEASE#t#1'))).toMatchObject({
    kind: 'deleted',
    outcome: 'deleted',
    id: 'RELEASE#t#1',
    happened_at: CHANGED,
  });
});

test('each record is an object of the day on which it happened; delivered again, it is the same object', async () => {
  // GIVEN
  const store = new Memory();

  // WHEN
  const written = [
    await archive([change('RELEASE#t#1', RELEASE), change('STATE', { model: 'rain' })], store),
    await archive([change('RELEASE#t#1', RELEASE)], store),
  ];

  // THEN
  expect(written).toEqual([1, 1]);
  expect([...store.objects.keys()]).toEqual(['day=2026-11-27/event-1.json']);
  expect(store.objects.get('day=2026-11-27/event-1.json')).toMatch(/^\{[^\n]*\}\n$/);
});

test('fails with what could not be written, so that the stream delivers it again', async () => {
  const store = { put: () => Promise.reject(new Error('slow down')) };
  await expect(archive([change('RELEASE#t#1', RELEASE)], store)).rejects.toThrow('slow down');
});

/** As DynamoDB has a value of ours in its streams. */
function streamed(value: unknown): StreamValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(streamed) };
  return { M: Object.fromEntries(Object.entries(value as object).map(([name, of]) => [name, streamed(of)])) };
}

test('any item comes out of a stream as it went into the table', () => {
  const items = fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false }));
  fc.assert(
    fc.property(items, item => {
      const image = streamed(item).M ?? {};
      expect(JSON.stringify(plainItem(image))).toBe(JSON.stringify(item));
    }),
  );
});

test('fails for a type that the tables never hold, by its attribute', () => {
  expect(() => plainItem({ a: { B: 'AA==' } as StreamValue })).toThrow(
    "attribute 'a' has the type 'B', must be S, N, BOOL, NULL, L or M",
  );
});
