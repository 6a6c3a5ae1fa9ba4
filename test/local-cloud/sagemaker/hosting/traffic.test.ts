import fc from 'fast-check';
import { Fleet, leastOutstanding } from '../../../../local-cloud/sagemaker/hosting/fleet';
import { Traffic } from '../../../../local-cloud/sagemaker/hosting/traffic';

const blue = fleetOf('blue');
const green = fleetOf('green');

function fleetOf(configName: string): Fleet {
  const context = { account: '000000000000', region: 'us-east-1' };
  return new Fleet({ endpointName: 'rain', configName, deployment: 1, variants: [], context }, [], '/nowhere');
}

test('the share of the green fleet is the share of the draws that fall on it', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (draw, share) => {
        const traffic = new Traffic();
        traffic.split(blue, green, share);
        expect(traffic.draw(draw)).toBe(draw < share ? green : blue);
      },
    ),
  );
});

test('everything goes to one fleet, or to none', () => {
  const traffic = new Traffic();
  expect(traffic.draw(0.5)).toBeUndefined();
  traffic.allTo(blue);
  expect([0, 0.5, 0.999].map(draw => traffic.draw(draw))).toEqual([blue, blue, blue]);
  traffic.stop();
  expect(traffic.draw(0)).toBeUndefined();
});

test('a request goes to the instance with the least to do, and to a dead one last', () => {
  const instance = (outstanding: number, healthy: boolean) => ({ outstanding, healthy });
  const busy = instance(5, true);
  const idle = instance(1, true);
  const dead = instance(0, false);
  expect(leastOutstanding([dead, busy, idle])).toBe(idle);
  expect(leastOutstanding([dead])).toBe(dead);
});
