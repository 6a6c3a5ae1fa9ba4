/** What a deleted model's stack may leave behind, as the cleanup needs it. */
export interface CleanupPorts {
  /** Status of the endpoint, or nothing if it is gone. */
  endpointStatus(name: string): Promise<string | undefined>;
  /** Takes the endpoint's variant off what scales by itself; once the variant is gone, nobody can. */
  deregisterScaling(endpointName: string): Promise<void>;
  deleteEndpoint(name: string): Promise<void>;
  endpointConfigs(nameContains: string): Promise<string[]>;
  deleteEndpointConfig(name: string): Promise<void>;
  models(nameContains: string): Promise<string[]>;
  deleteModel(name: string): Promise<void>;
  sleep(seconds: number): Promise<void>;
  /** Milliseconds until the function must have answered. */
  remaining(): number;
}

const POLL_SECONDS = 2;

/** Time left for the deletions that follow the endpoint's and for the answer. */
const RESERVE_MILLISECONDS = 60_000;

/** States in which SageMaker refuses to delete an endpoint. */
const BUSY = ['Creating', 'Updating', 'SystemUpdating', 'RollingBack'];

/**
 * Deletes what releases made for a model: its endpoint, its endpoint configs, its models. No registered version, no
 * artifact and no ledger item is touched. May be repeated; deletes what is left.
 */
export async function cleanUp(endpointName: string, ports: CleanupPorts): Promise<string> {
  await ports.deregisterScaling(endpointName);
  await deleteEndpoint(endpointName, ports);
  const ours = madeFor(endpointName);
  const configs = (await ports.endpointConfigs(`${endpointName}-v`)).filter(ours);
  for (const config of configs) await ports.deleteEndpointConfig(config);
  const models = (await ports.models(`${endpointName}-v`)).filter(ours);
  for (const model of models) await ports.deleteModel(model);
  return `endpoint '${endpointName}', ${configs.length} endpoint configs and ${models.length} models are gone`;
}

/** Names that the release controller gives; another model's name may begin with this one's. */
function madeFor(endpointName: string): (name: string) => boolean {
  const prefix = `${endpointName}-v`;
  return name => name.startsWith(prefix) && /^[1-9]\d*-[0-9a-f]{8}$/.test(name.slice(prefix.length));
}

async function deleteEndpoint(name: string, ports: CleanupPorts): Promise<void> {
  for (;;) {
    const status = await ports.endpointStatus(name);
    if (status === undefined) return;
    if (ports.remaining() < RESERVE_MILLISECONDS) {
      throw new Error(`endpoint '${name}' is still ${status}, delete the stack again once it is not`);
    }
    if (status !== 'Deleting' && !BUSY.includes(status)) await ports.deleteEndpoint(name);
    await ports.sleep(POLL_SECONDS);
  }
}
