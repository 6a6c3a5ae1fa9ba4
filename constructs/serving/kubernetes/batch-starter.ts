import { Stack } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { resourcePrefix, settingsParameterName } from '../../private/names';
import { PlatformFunction } from '../../private/platform-function';
import { explainWildcards } from '../../private/wildcards';
import { ClusterNetwork } from '../../release/cluster-network';
import { ClusterAccessPurpose } from './cluster-access';
import type { IServingCluster } from './serving-cluster-props';

const MEMORY_MB = 512;

/** Settings of what starts batches. */
export interface BatchStarterProps {
  readonly environmentName: string;
  readonly ledgerTable: ITableV2;
  readonly cluster: IServingCluster;
}

/**
 * Starts batches and tells how they go. A function of its own, because whoever may predict files need not be able to
 * release: it may make Jobs of models that have `batch`, and nothing that serves.
 */
export class BatchStarter extends Construct {
  public readonly function: IFunction;
  /** Role that reads the templates of models. */
  public readonly executionRole: IRole;

  constructor(scope: Construct, id: string, props: BatchStarterProps) {
    super(scope, id);
    const { environmentName, ledgerTable, cluster } = props;
    const stack = Stack.of(this);
    const description = `Predicts files with models of ${resourcePrefix(environmentName)}`;
    const network = new ClusterNetwork(this, 'Network', { cluster, description });
    const starter = new PlatformFunction(this, 'Function', {
      handler: 'batch-inference',
      description,
      network,
      memorySize: MEMORY_MB,
      environment: {
        ENVIRONMENT: environmentName,
        LEDGER_TABLE: ledgerTable.tableName,
        MODEL_PACKAGE_ARN_PREFIX: `${stack.formatArn({ service: 'sagemaker', resource: 'model-package' })}/`,
      },
    });
    this.function = starter;
    this.executionRole = starter.executionRole;
    ledgerTable.grant(starter, 'dynamodb:GetItem');
    ledgerTable.encryptionKey?.grantDecrypt(starter);
    starter.addToRolePolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: [
          stack.formatArn({
            service: 'ssm',
            resource: 'parameter',
            resourceName: settingsParameterName(environmentName, '*', 'serving').slice(1),
          }),
        ],
      }),
    );
    starter.addToRolePolicy(
      new PolicyStatement({
        actions: ['sagemaker:DescribeModelPackage'],
        resources: [
          stack.formatArn({
            service: 'sagemaker',
            resource: 'model-package',
            resourceName: `${resourcePrefix(environmentName)}-*`,
          }),
        ],
      }),
    );
    explainWildcards(
      starter,
      { wildcard: `/mlops/${environmentName}/*/`, reason: 'settings of the models, which other stacks make' },
      { wildcard: `/${resourcePrefix(environmentName)}-*`, reason: 'versions of the models, which come later' },
    );
    network.letIn(starter.executionRole, environmentName, ClusterAccessPurpose.BATCH);
    starter.configureAsyncInvoke({ retryAttempts: 0 });
  }
}
