import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateEndpointCommand, UpdateEndpointWeightsAndCapacitiesCommand } from '@aws-sdk/client-sagemaker';
import { commandOf, descendantsOf } from '../../../support/processes';
import { LocalTestCloud } from '../local-test-cloud';

jest.setTimeout(30_000);
/** Longer than a model server takes to start, and than one that died waits before it is started again. */
const AFTERWARDS_MS = 1500;

function modelServers(): string[] {
  return descendantsOf(process.pid)
    .map(commandOf)
    .filter(command => command.endsWith(' serve'));
}

test.each([
  ['is about to be made', 0],
  ['brings its first instance up', 100],
])('nothing is left when the server ends while an endpoint %s', async (_, ms) => {
  // GIVEN
  const cloud = new LocalTestCloud();
  await cloud.start();
  const EndpointConfigName = await cloud.createConfig('1');
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'rain', EndpointConfigName }));
  await sleep(ms);

  // WHEN
  await cloud.stop();

  // THEN
  await sleep(AFTERWARDS_MS);
  expect(modelServers()).toEqual([]);
  expect(existsSync(cloud.folder)).toBe(false);
});

test.each([0, 20, 100])('nothing is left when the server ends %i ms after instances were added', async ms => {
  // GIVEN
  const cloud = new LocalTestCloud();
  await cloud.start();
  const EndpointConfigName = await cloud.createConfig('1');
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'rain', EndpointConfigName }));
  await cloud.settled('rain');
  expect(modelServers()).toHaveLength(1);
  await cloud.client.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: 'rain',
      DesiredWeightsAndCapacities: [{ VariantName: 'main', DesiredInstanceCount: 4 }],
    }),
  );
  await sleep(ms);

  // WHEN
  await cloud.stop();

  // THEN
  await sleep(AFTERWARDS_MS);
  expect(modelServers()).toEqual([]);
  expect(existsSync(cloud.folder)).toBe(false);
});
