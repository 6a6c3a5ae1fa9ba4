/** As many as there are zones, so that pods can be spread over both. */
const ZONES = ['a', 'b', 'c'];

/** Nodes that kwok plays: each in a zone of its own, with room for all that is tested. */
export function localNodes(): object[] {
  return ZONES.map(zone => {
    const name = `node-${zone}`;
    const room = { cpu: '32', memory: '128Gi', 'ephemeral-storage': '500Gi', pods: '110' };
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'topology.kubernetes.io/region': 'us-east-1',
          'topology.kubernetes.io/zone': `us-east-1${zone}`,
        },
      },
      status: { capacity: room, allocatable: room },
    };
  });
}
