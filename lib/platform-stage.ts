import { Stage, type StageProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ClusterStack } from './cluster-stack';
import { DataStack } from './data-stack';
import type { Environment } from './config/environment';
import { builtImages, ImagesStack } from './images-stack';
import { ModelStack } from './model-stack';
import { optional } from './optional';
import { PlatformStack } from './platform-stack';

/** Settings of a stage. */
export interface PlatformStageProps extends StageProps {
  readonly environment: Environment;
}

/** One environment of the platform. */
export class PlatformStage extends Stage {
  constructor(scope: Construct, id: string, props: PlatformStageProps) {
    super(scope, id, props);
    const { environment } = props;
    const stackName = (part: string) => `mlops-${environment.name}-${part}`;
    const { terminationProtection } = environment;

    const { lake } = new DataStack(this, 'Data', {
      environment,
      terminationProtection,
      stackName: stackName('data'),
    });
    const cluster = optional(
      environment.cluster,
      file =>
        new ClusterStack(this, 'Cluster', { environment, file, terminationProtection, stackName: stackName('cluster') })
          .cluster,
    );
    const images =
      builtImages(environment).length === 0
        ? undefined
        : new ImagesStack(this, 'Images', { environment, terminationProtection, stackName: stackName('images') });
    const platform = new PlatformStack(this, 'Platform', {
      environment,
      lake,
      cluster,
      terminationProtection,
      stackName: stackName('platform'),
    });
    for (const model of environment.models) {
      const { name } = model.definition;
      new ModelStack(this, `Model-${name}`, {
        environment,
        model,
        lake,
        platform,
        images,
        cluster,
        terminationProtection,
        stackName: stackName(`model-${name}`),
      });
    }

    for (const [key, value] of Object.entries({ 'mlops:environment': environment.name, ...environment.tags })) {
      Tags.of(this).add(key, value);
    }
  }
}
