import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiServer, apiRequest } from './api-request';
import { localNodes } from './local-nodes';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const NODES = '/api/v1/nodes';
const LOOK_EVERY_MS = 50;
const TIMEOUT_MS = 60_000;

interface Conditioned {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Creates custom resource definitions, given as YAML; returns once they are served. */
export async function addDefinitions(api: ApiServer, definitions: readonly string[]): Promise<void> {
  await Promise.all(definitions.map(definition => create(api, DEFINITIONS, definition)));
  await allAre(api, DEFINITIONS, 'Established');
}

/** Creates the nodes that kwok plays; returns once pods can be bound to them. */
export async function addNodes(api: ApiServer): Promise<void> {
  await Promise.all(localNodes().map(node => create(api, NODES, node)));
  await allAre(api, NODES, 'Ready');
}

async function create(api: ApiServer, path: string, object: string | object): Promise<void> {
  const { status, body } = await apiRequest(api, 'POST', path, object);
  if (status !== 201) {
    throw new Error(`the local API server refused what it starts with: POST ${path}, ${status}, ${body}`);
  }
}

async function allAre(api: ApiServer, path: string, condition: string): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const { items } = JSON.parse((await apiRequest(api, 'GET', path)).body) as { items: readonly Conditioned[] };
    const waiting = items.filter(
      ({ status }) => !status?.conditions?.some(is => is.type === condition && is.status === 'True'),
    );
    if (waiting.length === 0) {
      return;
    }
    if (performance.now() > deadline) {
      const names = waiting.map(({ metadata }) => metadata.name).join(', ');
      throw new Error(`${path}: ${names} not ${condition} after ${TIMEOUT_MS} ms`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
