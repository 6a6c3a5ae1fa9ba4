import type { StackNames } from './platform';

/** Where the rehearsed model serves, and in which environment. */
export interface RehearsalTarget {
  readonly name: 'sagemaker' | 'eks';
  /** The environment's file, and its name in everything deployed. */
  readonly environment: string;
  readonly stacks: StackNames;
  /** Whether its environment has a release share the traffic between two versions before it has all of it. */
  readonly dividesTraffic: boolean;
  /** Environment in a second account to which a version is promoted. */
  readonly promotesTo?: { readonly environment: string; readonly account: string; readonly stacks: StackNames };
  /** What of the target the local cloud only plays. */
  readonly notChecked: readonly string[];
}

/** The model that is rehearsed. */
export const MODEL = 'rain';

const TARGETS: readonly RehearsalTarget[] = [
  {
    name: 'sagemaker',
    environment: 'local',
    stacks: stacksOf('local'),
    dividesTraffic: false,
    promotesTo: { environment: 'localb', account: '111111111111', stacks: stacksOf('localb') },
    notChecked: [
      'layers of the image that is promoted: the one here has a manifest alone, which is copied; a unit test copies layers',
    ],
  },
  {
    name: 'eks',
    environment: 'localeks',
    stacks: { ...stacksOf('localeks'), cluster: 'mlops-localeks-cluster' },
    dividesTraffic: true,
    notChecked: [
      'a promotion to another account, act 9: the rehearsal of SageMaker plays it, and what is promoted does not depend on where it serves',
      'nodes, their scaling and their network policies: pods are processes of this machine behind a real API server',
      'the load balancer: a proxy of the local cloud reads the routes and their weights',
      "the function that runs kubectl for the CDK: the local cloud sends what it would send to the API server, and the authorizer of EKS' access policies is played by RBAC",
      'charts and add-ons: they are recorded, and nothing of them runs',
      'kubelets: one agent starts a process for each container, by a map from images to commands, and tells the API server how it does; nothing is pulled, and no process is shut in as a container is',
      'who a token is: the API server asks a TokenReview webhook of the local cloud, which maps the real signed token to user and groups by the access entries',
      'the agent of EKS Pod Identity: the local cloud gives a pod the credentials of its role',
      'the network of functions in a VPC: they run outside of one, so subnets, security groups and the private endpoint keep nobody out',
    ],
  },
];

/** Names of the targets. */
export const TARGET_NAMES: readonly string[] = TARGETS.map(({ name }) => name);

/** The target of a name; undefined where there is none such. */
export function targetNamed(name: string): RehearsalTarget | undefined {
  return TARGETS.find(target => target.name === name);
}

function stacksOf(environment: string): StackNames {
  return {
    data: `mlops-${environment}-data`,
    platform: `mlops-${environment}-platform`,
    model: `mlops-${environment}-model-${MODEL}`,
  };
}
