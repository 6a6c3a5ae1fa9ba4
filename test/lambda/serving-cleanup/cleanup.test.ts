import { cleanUp, type CleanupPorts } from '../../../lambda/serving-cleanup/cleanup';

interface Left {
  endpoint?: string;
  configs: string[];
  models: string[];
}

/** An account with an endpoint that takes some looks to go. */
function account(left: Left, statuses: string[] = ['InService', 'Deleting']) {
  const deleted: string[] = [];
  const scaling: string[] = [];
  let remaining = 15 * 60_000;
  const ports: CleanupPorts = {
    endpointStatus: () => Promise.resolve(left.endpoint === undefined ? undefined : statuses.shift()),
    deregisterScaling: name => {
      scaling.push(`${name} before ${deleted.length} deletions`);
      return Promise.resolve();
    },
    deleteEndpoint: name => {
      deleted.push(`endpoint ${name}`);
      return Promise.resolve();
    },
    endpointConfigs: () => Promise.resolve(left.configs),
    deleteEndpointConfig: name => {
      deleted.push(`config ${name}`);
      return Promise.resolve();
    },
    models: () => Promise.resolve(left.models),
    deleteModel: name => {
      deleted.push(`model ${name}`);
      return Promise.resolve();
    },
    sleep: seconds => {
      remaining -= seconds * 1000;
      return Promise.resolve();
    },
    remaining: () => remaining,
  };
  return { ports, deleted, scaling };
}

const OURS = 'mlops-local-rain-v1-0123abcd';

describe('cleanUp', () => {
  test('takes off what scales first, and deletes the endpoint, then the configs, then the models', async () => {
    // GIVEN
    const { ports, deleted, scaling } = account({ endpoint: 'mlops-local-rain', configs: [OURS], models: [OURS] });

    // WHEN
    const done = await cleanUp('mlops-local-rain', ports);

    // THEN
    expect(scaling).toEqual(['mlops-local-rain before 0 deletions']);
    expect(deleted).toEqual(['endpoint mlops-local-rain', `config ${OURS}`, `model ${OURS}`]);
    expect(done).toBe("endpoint 'mlops-local-rain', 1 endpoint configs and 1 models are gone");
  });

  test('leaves what belongs to a model whose name begins alike, and what nobody of ours made', async () => {
    // GIVEN
    const others = [
      'mlops-local-rain-v2-v1-0123abcd',
      'mlops-local-rain-vienna-v1-0123abcd',
      'mlops-local-rain-v1',
      'my-mlops-local-rain-v1-0123abcd',
    ];
    const { ports, deleted } = account({ configs: others, models: others });

    // WHEN
    await cleanUp('mlops-local-rain', ports);

    // THEN
    expect(deleted).toEqual([]);
  });

  test('may be repeated when nothing is left', async () => {
    const { ports, deleted } = account({ configs: [], models: [] });
    await cleanUp('mlops-local-rain', ports);
    expect(deleted).toEqual([]);
  });

  test('waits for an update to end before it deletes', async () => {
    const left = { endpoint: 'mlops-local-rain', configs: [], models: [] };
    const { ports, deleted } = account(left, ['Updating', 'Updating', 'InService', 'Deleting']);
    await cleanUp('mlops-local-rain', ports);
    expect(deleted).toEqual(['endpoint mlops-local-rain']);
  });

  test('fails in time to say so when the endpoint does not go', async () => {
    // GIVEN
    const left = { endpoint: 'mlops-local-rain', configs: [OURS], models: [OURS] };
    const { ports, deleted } = account(left, Array<string>(1000).fill('Updating'));

    // WHEN / THEN
    await expect(cleanUp('mlops-local-rain', ports)).rejects.toThrow(
      "endpoint 'mlops-local-rain' is still Updating, delete the stack again once it is not",
    );
    expect(deleted).toEqual([]);
  });
});
