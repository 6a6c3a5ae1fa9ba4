import type { Asked } from '../../../lambda/promotion/event';
import { promote } from '../../../lambda/promotion/promote';
import { withdraw } from '../../../lambda/promotion/withdraw';
import { Commands } from '../../../lambda/shared/release-commands';
import { FROM, SOURCE_ARN, World } from './world';

const ASKED: Asked = { what: 'withdraw', model: 'rain', version: '3', arn: SOURCE_ARN };
const COMMANDS = new Commands('arn:aws:states:eu-west-1:222222222222:stateMachine:releases', 'prod');

/** A version that was promoted, and is rejected where it came from. */
async function rejected(): Promise<World> {
  const world = new World();
  await promote({ ...ASKED, what: 'promote' }, FROM, 'ours', world);
  world.letters.length = 0;
  world.described.ModelApprovalStatus = 'Rejected';
  world.described.ApprovalDescription = 'predictions drifted';
  return world;
}

test('of a version that serves here a person is told, with the way back, and nothing is done', async () => {
  const world = await rejected();
  world.current = { current: '1', healthy: ['1', '0'] };
  const made = world.made.length;

  expect(await withdraw(ASKED, FROM, COMMANDS, world)).toMatchObject({ outcome: 'told', version: '1' });

  expect(world.letters[0]).toMatchObject({
    subject: 'rain: version 1 was REJECTED in dev, from where it came',
    what: "Version 3 of 'dev' is Rejected there: predictions drifted. Here it is version 1, which SERVES.",
    did: 'Nothing: nothing here was rolled back or rejected.',
    youMay: [expect.stringContaining('npx mlops rollback rain --to 0')],
  });
  expect(world.made).toHaveLength(made);
});

test('of a version that serves alone a person is told that there is no way back', async () => {
  const world = await rejected();
  world.current = { current: '1', healthy: ['1'] };
  await withdraw(ASKED, FROM, COMMANDS, world);
  expect(world.letters[0]?.youMay).toEqual([expect.stringContaining('No other version was ever healthy here')]);
});

test('of a version that does not serve here a person is told how to keep it out', async () => {
  const world = await rejected();
  await withdraw(ASKED, FROM, COMMANDS, world);
  expect(world.letters[0]?.youMay).toEqual([expect.stringContaining('--model-approval-status Rejected')]);
});

test('of a version that was never promoted, or is approved again, nobody is told', async () => {
  const never = new World();
  const again = await rejected();
  again.described.ModelApprovalStatus = 'Approved';
  for (const world of [never, again]) {
    expect(await withdraw(ASKED, FROM, COMMANDS, world)).toMatchObject({ outcome: 'ignored' });
    expect(world.letters).toEqual([]);
  }
});
