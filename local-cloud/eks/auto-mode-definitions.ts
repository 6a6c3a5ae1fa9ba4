/** Custom resources that a cluster in Auto Mode knows, and that nothing here acts on: the nodes are there already. */
const KINDS = [
  { group: 'eks.amazonaws.com', version: 'v1', kind: 'NodeClass', plural: 'nodeclasses' },
  { group: 'karpenter.sh', version: 'v1', kind: 'NodePool', plural: 'nodepools' },
];

/** Their definitions, which take any field. */
export function autoModeDefinitions(): object[] {
  return KINDS.map(({ group, version, kind, plural }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, plural, singular: kind.toLowerCase() },
      scope: 'Cluster',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }));
}
