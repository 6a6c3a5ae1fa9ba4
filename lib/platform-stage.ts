import { Aspects, Stage, type StageProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BoundaryStack } from './boundary-stack';
import { ClusterStack } from './cluster-stack';
import { DataStack } from './data-stack';
import { DeliveryStack } from './delivery-stack';
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
    const foundation = new FoundationStack(this, 'Foundation', {
      environment,
      terminationProtection,
      stackName: stackName('foundation'),
    });
    const { encryptionKey, vpc } = foundation;
    const data = new DataStack(this, 'Data', {
      environment,
      encryptionKey,
      terminationProtection,
      stackName: stackName('data'),
    });
    data.addStackDependency(foundation);
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
    cluster?.addStackDependency(foundation);
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
      Tags.of(stack).add('mlops:model', name, UNTAGGED);
    }

    if (environment.dashboards) {
      new ObservabilityStack(this, 'Observability', {
        environment,
        lake,
        platform,
        terminationProtection,
        stackName: stackName('observability'),
      });
    }
    // it watches what the others made, and nothing waits for it
    if (governanceSettings(environment).any) {
      new GovernanceStack(this, 'Governance', {
        environment,
        lake,
        platform,
        terminationProtection,
        stackName: stackName('governance'),
      });
    }

    // no role is made before what bounds it
    if (typeof permissionsBoundary === 'object') {
      const boundary = new BoundaryStack(this, 'Boundary', {
        environment,
        terminationProtection,
        stackName: stackName('boundary'),
      });
      for (const stack of [delivery, foundation, images]) stack?.addStackDependency(boundary);
    }

    for (const [key, value] of Object.entries({ 'mlops:environment': environment.name, ...environment.tags })) {
      Tags.of(this).add(key, value, UNTAGGED);
    }
    Aspects.of(this).add(new LogRetention(environment.logRetentionDays));
  }
}
