import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Claim, LEASE_MS, LedgerErasureLock, PAUSE_MS } from '../../../lambda/erasure/lock';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf } from '../local-cloud/stack';

const BEGAN = Date.parse('2026-11-27T03:00:00.000Z');

let cloud: LocalCloud;
let lock: LedgerErasureLock;

const claim = (model: string, owner: string, call: string, after = 0): Claim => ({
  model,
  owner,
  call,
  now: new Date(BEGAN + after),
});

beforeAll(async () => {
  cloud = await startLocalCloud();
  const dynamo = new DynamoDBClient(clientOf(cloud));
  await dynamo.send(
    new CreateTableCommand({
      TableName: 'ledger',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  lock = new LedgerErasureLock(DynamoDBDocumentClient.from(dynamo), 'ledger');
}, 120_000);

afterAll(() => cloud.stop());

test('one erasure of a model has it, and the other is told whose it is and until when', async () => {
  expect(await lock.take(claim('a', 'e1', 'c1'))).toBeUndefined();

  expect(await lock.take(claim('a', 'e2', 'c2', 1000))).toEqual({
    owner: 'e1',
    since: '2026-11-27T03:00:00.000Z',
    expiresAt: '2026-11-27T03:16:00.000Z',
  });
  expect(await lock.take(claim('b', 'e2', 'c2', 1000))).toBeUndefined();
});

test('of the same erasure sent twice one call alone has it, and its own write may arrive twice', async () => {
  await lock.take(claim('c', 'e1', 'c1'));

  expect(await lock.take(claim('c', 'e1', 'c1'))).toBeUndefined();
  expect(await lock.take(claim('c', 'e1', 'c2'))).toMatchObject({ owner: 'e1' });
});

test('is free when it is left, and taken over when it has expired, not before', async () => {
  await lock.take(claim('d', 'e1', 'c1'));
  await lock.leave(claim('d', 'e1', 'c1'), 'done');
  expect(await lock.take(claim('d', 'e2', 'c2'))).toBeUndefined();

  expect(await lock.take(claim('d', 'e3', 'c3', LEASE_MS - 1))).toMatchObject({ owner: 'e2' });
  expect(await lock.take(claim('d', 'e3', 'c3', LEASE_MS))).toBeUndefined();
});

test('is kept from one call to the next, for a while', async () => {
  await lock.take(claim('e', 'e1', 'c1'));
  await lock.leave(claim('e', 'e1', 'c1'), 'paused');

  expect(await lock.take(claim('e', 'e2', 'c2', PAUSE_MS - 1))).toMatchObject({ owner: 'e1' });
  expect(await lock.take(claim('e', 'e1', 'c3', PAUSE_MS - 1))).toBeUndefined();
});

test('whoever comes back late does not free what another one has taken over', async () => {
  await lock.take(claim('f', 'e1', 'c1'));
  await lock.take(claim('f', 'e2', 'c2', LEASE_MS));

  await lock.leave(claim('f', 'e1', 'c1', LEASE_MS), 'done');

  expect(await lock.take(claim('f', 'e3', 'c3', LEASE_MS))).toMatchObject({ owner: 'e2' });
});
