import { cachedDefinitions } from '../kubernetes/cached-definitions';
import { NODE_POOL_DEFINITION } from '../kubernetes/custom-resources';

const GROUP = 'eks.amazonaws.com';
const KIND = 'NodeClass';
const PLURAL = 'nodeclasses';

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const NUMBER: Schema = { type: 'integer' };
const SWITCH: Schema = { type: 'boolean' };
const TAGS: Schema = { type: 'object', additionalProperties: TEXT };

/**
 * Custom resources that a cluster in Auto Mode knows, and that nothing here acts on: the nodes are there already. Each is a
 * text of YAML. Nobody publishes the definition of `NodeClass`, so it is made of what the user guide of EKS documents.
 */
export async function autoModeDefinitions(signal?: AbortSignal): Promise<string[]> {
  // JSON is YAML
  return [...(await cachedDefinitions(NODE_POOL_DEFINITION, signal)), JSON.stringify(nodeClassDefinition())];
}

function nodeClassDefinition(): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      names: { kind: KIND, plural: PLURAL, singular: KIND.toLowerCase() },
      scope: 'Cluster',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: fields({
              spec: nodeClassSpec(),
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            }),
          },
        },
      ],
    },
  };
}

/** https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html, read on 2026-11-27. */
function nodeClassSpec(): Schema {
  return {
    ...fields({
      role: TEXT,
      instanceProfile: TEXT,
      subnetSelectorTerms: list(fields({ id: TEXT, tags: TAGS })),
      securityGroupSelectorTerms: list(fields({ id: TEXT, name: TEXT, tags: TAGS })),
      podSubnetSelectorTerms: list(fields({ id: TEXT, tags: TAGS })),
      podSecurityGroupSelectorTerms: list(fields({ id: TEXT, name: TEXT, tags: TAGS })),
      capacityReservationSelectorTerms: list(fields({ id: TEXT, ownerID: TEXT, tags: TAGS })),
      snatPolicy: oneOf('Random', 'Disabled'),
      networkPolicy: oneOf('DefaultAllow', 'DefaultDeny'),
      networkPolicyEventLogs: oneOf('Enabled', 'Disabled'),
      ephemeralStorage: fields({ size: TEXT, iops: NUMBER, throughput: NUMBER, kmsKeyID: TEXT }),
      advancedNetworking: fields({
        associatePublicIPAddress: SWITCH,
        httpsProxy: TEXT,
        noProxy: list(TEXT),
        ipv4PrefixSize: TEXT,
      }),
      advancedSecurity: fields({ fips: SWITCH }),
      certificateBundles: list(fields({ name: TEXT, data: TEXT })),
      tags: TAGS,
    }),
    required: ['subnetSelectorTerms', 'securityGroupSelectorTerms'],
  };
}

function fields(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

function oneOf(...allowed: string[]): Schema {
  return { type: 'string', enum: allowed };
}
