import type { ClusterApi, KubernetesObject } from './cluster-api';

/** Where the objects of a kind are. */
export interface ResourceKind {
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Such as `/api/v1` or `/apis/apps/v1`. */
  readonly base: string;
}

interface DiscoveredResources {
  readonly resources: readonly {
    readonly name: string;
    readonly singularName: string;
    readonly shortNames?: readonly string[];
    readonly kind: string;
    readonly namespaced: boolean;
  }[];
}

/** Kinds as the API server knows them. */
export class Kinds {
  constructor(private readonly api: ClusterApi) {}

  /** The kind of an object; fails as `kubectl` does where the server knows none such. */
  public async of({ apiVersion = '', kind = '' }: KubernetesObject): Promise<ResourceKind> {
    const found = (await this.ofVersion(apiVersion)).find(known => known.kind === kind);
    if (found === undefined) {
      throw new Error(
        `resource mapping not found: no matches for kind "${kind}" in version "${apiVersion}", ensure CRDs are installed first`,
      );
    }
    return found;
  }

  /** The kind that `kubectl` understands by a name such as `deployment`, `deploy` or `deployments.apps`. */
  public async named(name: string): Promise<ResourceKind> {
    const [plain = '', ...group] = name.toLowerCase().split('.');
    for (const { groupVersion, resources } of await this.all()) {
      if (group.length > 0 && groupOf(groupVersion) !== group.join('.')) continue;
      const found = resources.find(
        ({ name: plural, singularName, shortNames = [] }) =>
          !plural.includes('/') && [plural, singularName, ...shortNames].includes(plain),
      );
      if (found !== undefined) return resourceKind(groupVersion, found);
    }
    throw new Error(`the server doesn't have a resource type "${name}"`);
  }

  private async ofVersion(apiVersion: string): Promise<ResourceKind[]> {
    const found = await this.api.find<DiscoveredResources>('GET', baseOf(apiVersion));
    return (found?.resources ?? [])
      .filter(({ name }) => !name.includes('/'))
      .map(resource => resourceKind(apiVersion, resource));
  }

  private async all(): Promise<{ groupVersion: string; resources: DiscoveredResources['resources'] }[]> {
    const { groups } = await this.api.send<{
      readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
    }>('GET', '/apis');
    const versions = ['v1', ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
    return Promise.all(
      versions.map(async groupVersion => ({
        groupVersion,
        resources: (await this.api.send<DiscoveredResources>('GET', baseOf(groupVersion))).resources,
      })),
    );
  }
}

/** Path of an object, or of all of its kind where it has no name. */
export function pathOf(
  { base, plural, namespaced }: ResourceKind,
  namespace: string | undefined,
  name?: string,
): string {
  const place = namespaced ? `/namespaces/${namespace ?? 'default'}` : '';
  return `${base}${place}/${plural}${name === undefined ? '' : `/${name}`}`;
}

function resourceKind(
  groupVersion: string,
  { kind, name, namespaced }: DiscoveredResources['resources'][number],
): ResourceKind {
  return { kind, plural: name, namespaced, base: baseOf(groupVersion) };
}

function baseOf(groupVersion: string): string {
  return groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
}

function groupOf(groupVersion: string): string {
  return groupVersion.includes('/') ? (groupVersion.split('/')[0] ?? '') : '';
}
