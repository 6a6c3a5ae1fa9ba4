import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvironment } from '../../lib/config/environment';
import { HOURS_OF_A_MONTH } from '../../review/cost';
import { readPrices } from '../../review/prices';

/** The README's estimate by use, and the review's of what stands there, must not tell two prices of one thing. */

const ROOT = join(__dirname, '..', '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const ENVIRONMENTS = ['dev', 'staging', 'prod'];

/** Cells of a row of a table of the README, by how it begins. */
function row(begins: string): string[] {
  const line = README.split('\n').find(each => each.startsWith(`| ${begins}`));
  return (line ?? '')
    .split('|')
    .slice(2, -1)
    .map(cell => cell.trim());
}

function numbers(begins: string): number[] {
  return row(begins).map(cell => Number(/[\d.]+/.exec(cell)?.[0]));
}

/** A price as the README's own table of them has it. */
function priceOf(thing: string): number {
  return Number(new RegExp(`${thing},? ([\\d.]+)`).exec(README)?.[1]);
}

test.each([
  ['key', 'AWS::KMS::Key'],
  ['alarm', 'AWS::CloudWatch::Alarm'],
])('the price of a %s is the one of the review', (thing, resource) => {
  const known = readPrices().filter(price => price.resource === resource);

  expect(known.map(({ usd }) => usd)).toEqual([priceOf(thing)]);
});

test("the endpoints' cost is of the environments' own instances", () => {
  const expected = ENVIRONMENTS.map(name => {
    const { serving } = loadEnvironment(ROOT, name).models[0];
    if (serving.target === 'eks') throw new Error(`the model of '${name}' serves on no instance`);
    const { instanceType = '', instanceCount = 0 } = serving;
    return { said: `${instanceCount} × \`${instanceType}\``, cost: instanceCount * priceOf(`\`${instanceType}\``) };
  });

  expect(row('instances, 730 hours')).toEqual(expected.map(({ said }) => said));
  for (const [index, cost] of numbers('endpoint').entries()) {
    expect(cost).toBeCloseTo((expected[index]?.cost ?? 0) * HOURS_OF_A_MONTH, 1);
  }
});

test('each total is the sum of its column', () => {
  const lines = README.split('\n');
  const first = lines.findIndex(line => line.startsWith('| endpoint'));
  const last = lines.findIndex(line => line.startsWith('| **total**'));
  const names = lines.slice(first, last).map(line => line.split('|')[1].trim());
  const sums = ENVIRONMENTS.map((_, column) =>
    names.map(name => numbers(name)[column]).reduce((sum, cost) => sum + cost, 0),
  );

  expect(names.length).toBeGreaterThan(3);
  expect(numbers('**total**')).toEqual(sums.map(sum => Math.round(sum)));
});
