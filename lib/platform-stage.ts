import { Aspects, Stage, type StageProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BoundaryStack } from './boundary-stack';
import { ClusterStack } from './cluster-stack';
import { DataStack } from './data-stack';
import { DeliveryStack } from './delivery-stack';
import { ENVIRONMENT_TAG, MODEL_TAG } from '../constructs/private/tag-keys';
import type { Environment } from './config/environment';
import { boundaryOf } from './config/permissions-boundary';
import { FoundationStack } from './foundation-stack';
import { governanceSettings } from './governance-settings';
import { GovernanceStack } from './governance-stack';
import { builtImages, ImagesStack } from './images-stack';
import { LogRetention } from './log-retention';
import { ModelStack } from './model-stack';
import { ObservabilityStack } from './observability-stack';
import { optional } from './optional';
import { PlatformStack } from './platform-stack';

/** Dashboards learned tags so late that cfn-lint's schema still refuses them. */
const UNTAGGED = { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] };

/** Settings of a stage. */
export interface PlatformStageProps extends StageProps {
  readonly environment: Environment;
}

/**
 * One environment of the platform: stacks by how long they live and by what goes wrong with them. Each says on which it
 * stands, so that they are made from the foundation up and torn down from the models on, whatever refers to what.
 */
export class PlatformStage extends Stage {
  constructor(scope: Construct, id: string, props: PlatformStageProps) {
    const { environment } = props;
    const { permissionsBoundary } = environment;
    // every stack of a stage puts it on all its roles, those of CDK's own functions as well
    super(scope, id, {
      permissionsBoundary: optional(permissionsBoundary, given => boundaryOf(environment.name, given)),
      ...props,
    });
    const stackName = (part: string) => `mlops-${environment.name}-${part}`;
    const { terminationProtection } = environment;

    // it stands on nothing: CI makes the rest with it
    const delivery =
      environment.delivery === undefined
        ? undefined
        : new DeliveryStack(this, 'Delivery', {
            file: environment.delivery,
            terminationProtection,
            stackName: stackName('delivery'),
          });
    const foundation = needsFoundation(environment)
      ? new FoundationStack(this, 'Foundation', {
          environment,
          terminationProtection,
          stackName: stackName('foundation'),
        })
      : undefined;
    const { encryptionKey, vpc } = foundation ?? {};
    const data = new DataStack(this, 'Data', {
      environment,
      encryptionKey,
      terminationProtection,
      stackName: stackName('data'),
    });
    if (foundation !== undefined) data.addStackDependency(foundation);
    const { lake } = data;
    const cluster =
      environment.cluster === undefined || vpc === undefined
        ? undefined
        : new ClusterStack(this, 'Cluster', {
            environment,
            file: environment.cluster,
            vpc,
            terminationProtection,
            stackName: stackName('cluster'),
          });
    if (foundation !== undefined) cluster?.addStackDependency(foundation);
    const images =
      builtImages(environment).length === 0
        ? undefined
        : new ImagesStack(this, 'Images', { environment, terminationProtection, stackName: stackName('images') });
    const platform = new PlatformStack(this, 'Platform', {
      environment,
      lake,
      cluster: cluster?.cluster,
      terminationProtection,
      stackName: stackName('platform'),
    });
    platform.addStackDependency(data);
    if (cluster !== undefined) platform.addStackDependency(cluster);
    // whoever merges comes with tokens of the provider there
    if (delivery !== undefined && environment.delivery?.mergeSubjects !== undefined)
      platform.addStackDependency(delivery);
    for (const model of environment.models) {
      const { name } = model.definition;
      const stack = new ModelStack(this, `Model-${name}`, {
        environment,
        model,
        lake,
        vpc,
        platform,
        images,
        cluster: cluster?.cluster,
        terminationProtection,
        stackName: stackName(`model-${name}`),
      });
      stack.addStackDependency(platform);
      Tags.of(stack).add(MODEL_TAG, name, UNTAGGED);
    }

    // it watches what the others made, and none of them waits for it
    const governance = governanceSettings(environment).any
      ? new GovernanceStack(this, 'Governance', {
          environment,
          lake,
          platform,
          terminationProtection,
          stackName: stackName('governance'),
        })
      : undefined;
    // last, since it looks at the alarms of all of them
    if (environment.dashboards) {
      new ObservabilityStack(this, 'Observability', {
        environment,
        lake,
        platform,
        records: governance?.records,
        terminationProtection,
        stackName: stackName('observability'),
      });
    }

    // no role is made before what bounds it
    if (typeof permissionsBoundary === 'object') {
      const boundary = new BoundaryStack(this, 'Boundary', {
        environment,
        terminationProtection,
        stackName: stackName('boundary'),
      });
      for (const stack of [delivery, foundation, data, images]) stack?.addStackDependency(boundary);
    }

    // the platform's own is last, so that no file's takes its place
    for (const [key, value] of Object.entries({ ...environment.tags, [ENVIRONMENT_TAG]: environment.name })) {
      Tags.of(this).add(key, value, UNTAGGED);
    }
    Aspects.of(this).add(new LogRetention(environment.logRetentionDays));
  }
}

/**
 * Whether anything stands in a foundation: CloudFormation takes no stack without a resource. A network that is imported is none,
 * but has to be somewhere; if it is alone, the CDK CLI passes over the stack.
 */
function needsFoundation({ data, network = { source: 'none' } }: Environment): boolean {
  return data.keyStack !== 'data' || network.source !== 'none';
}
