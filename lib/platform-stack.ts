import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  type IDataLake,
  type IPipelineController,
  type IReleaseController,
  PipelineController,
  ReleaseController,
} from '../constructs';
import type { Environment } from './config/environment';
import { dataRemoval } from './data-removal';

/** Settings of the platform stack. */
export interface PlatformStackProps extends StackProps {
  readonly environment: Environment;
  readonly lake: IDataLake;
}

/** The machinery that all models of an environment share: adding a model adds nothing here. */
export class PlatformStack extends Stack {
  public readonly release: IReleaseController;
  public readonly pipeline: IPipelineController;

  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    const { environment, lake } = props;
    const environmentName = environment.name;

    this.release = new ReleaseController(this, 'Release', {
      ...dataRemoval(environment),
      environmentName,
      artifactBucket: lake.artifactBucket,
      encryptionKey: lake.encryptionKey,
      emailAddresses: environment.notifications.emails,
    });
    const { ledgerTable, notificationTopic } = this.release;

    this.pipeline = new PipelineController(this, 'Pipeline', {
      ...dataRemoval(environment),
      environmentName,
      dataLake: lake,
      ledgerTable,
      notificationTopic,
    });
  }
}
