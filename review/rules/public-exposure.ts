import type { Finding, Rule } from '../finding';
import { isRecord, valuesAt } from '../values';
import { switchedOff, switchedOn, type Watched, watch } from './watch';

const BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

const ofProperties = watch('public exposure', [
  ...BLOCKS.map((block): Watched => ({
    type: 'AWS::S3::Bucket',
    property: `PublicAccessBlockConfiguration.${block}`,
    level: 'danger',
    worse: switchedOff(`block of public access \`${block}\` is switched off`),
  })),
  {
    type: 'AWS::S3::Bucket',
    property: 'AccessControl',
    level: 'danger',
    alsoNew: true,
    worse: ([before], [after]) =>
      before !== after && /^(PublicRead|AuthenticatedRead)/.test(String(after))
        ? `the bucket is open to the world by its access control list (\`${String(after)}\`)`
        : undefined,
  },
  {
    type: 'AWS::S3::Bucket',
    property: 'WebsiteConfiguration',
    level: 'danger',
    alsoNew: true,
    worse: (before, after) => (after.length > before.length ? 'the bucket becomes a website' : undefined),
  },
  {
    type: 'AWS::EKS::Cluster',
    property: 'ResourcesVpcConfig.EndpointPublicAccess',
    level: 'danger',
    alsoNew: true,
    // it is public unless the template says no
    worse: ([before], [after]) =>
      after !== false && before === false
        ? 'the API server of the cluster is made public'
        : after !== false && before === undefined
          ? 'the API server of the cluster is public'
          : undefined,
  },
  {
    type: 'AWS::EKS::Cluster',
    property: 'ResourcesVpcConfig.PublicAccessCidrs.*',
    level: 'danger',
    worse: (before, after) => {
      const come = after.filter(cidr => !before.includes(cidr));
      return come.length > 0 ? `the API server is open to more addresses: ${come.join(', ')}` : undefined;
    },
  },
  {
    type: /^AWS::(RDS::DBInstance|DMS::ReplicationInstance|Redshift::Cluster)$/,
    property: 'PubliclyAccessible',
    level: 'danger',
    alsoNew: true,
    worse: switchedOn('it gets a public address'),
  },
  {
    type: 'AWS::EC2::Subnet',
    property: 'MapPublicIpOnLaunch',
    level: 'look',
    alsoNew: true,
    worse: switchedOn('machines in the subnet get public addresses'),
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    property: 'Scheme',
    level: 'danger',
    alsoNew: true,
    worse: ([before], [after]) =>
      after === 'internet-facing' && before !== after ? 'the load balancer faces the internet' : undefined,
  },
  {
    type: 'AWS::Lambda::Url',
    property: 'AuthType',
    level: 'danger',
    alsoNew: true,
    worse: ([before], [after]) =>
      after === 'NONE' && before !== after ? 'anybody may call the URL of the function' : undefined,
  },
  {
    type: 'AWS::ApiGateway::Method',
    property: 'AuthorizationType',
    level: 'danger',
    alsoNew: true,
    worse: ([before], [after]) =>
      after === 'NONE' && before !== after ? 'anybody may call the method of the API' : undefined,
  },
  {
    type: 'AWS::SageMaker::NotebookInstance',
    property: 'DirectInternetAccess',
    level: 'danger',
    worse: switchedOn('the notebook reaches the internet directly'),
  },
]);

/** What anybody on the internet can reach now; policies that let the world in are in the rules of rights. */
export const publicExposure: Rule = change => [...ofProperties(change), ...openManifests(change.resources)];

/** Services of Kubernetes that get an address on the internet, or one that a cloud gives. */
function openManifests(resources: Parameters<Rule>[0]['resources']): Finding[] {
  return resources.flatMap(({ before, after, stack, logicalId }) => {
    const old = new Set(valuesAt(before, 'Manifest').flat().filter(isOpenService).map(nameOf));
    return valuesAt(after, 'Manifest')
      .flat()
      .filter(isOpenService)
      .map(nameOf)
      .filter(name => !old.has(name))
      .map((name): Finding => ({
        topic: 'public exposure',
        level: 'danger',
        stack,
        logicalId,
        says: `service '${name}' of the cluster gets a load balancer or a port of the nodes`,
      }));
  });
}

function isOpenService(manifest: unknown): manifest is { metadata?: { name?: unknown } } {
  return (
    isRecord(manifest) &&
    manifest.kind === 'Service' &&
    isRecord(manifest.spec) &&
    ['LoadBalancer', 'NodePort'].includes(String(manifest.spec.type))
  );
}

function nameOf({ metadata }: { metadata?: { name?: unknown } }): string {
  return String(metadata?.name);
}
