import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { CrossStackReferences, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type IServingCluster, ServingCluster } from '../constructs';
import { clusterCapacity } from './cluster-settings';
import type { ClusterFile } from './config/cluster-schema';
import type { Environment } from './config/environment';
import { dataRemoval } from './data-removal';
import { keepExports } from './keep-exports';
import { optional } from './optional';
import { addOutputs } from './outputs';
import { refusedAt } from './refused-at';

/** Settings of the cluster's stack. */
export interface ClusterStackProps extends StackProps {
  readonly environment: Environment;
  /** The environment's word on its cluster. */
  readonly file: ClusterFile;
  /** The environment's network. */
  readonly vpc: IVpc;
}

/** Where models of an environment serve on Kubernetes; models come and go without it. */
export class ClusterStack extends Stack {
  public readonly cluster: IServingCluster;

  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id, props);
    const { file, vpc } = props;
    const kubectlLayer = new KubectlV36Layer(this, 'Kubectl');
    if (file.source === 'import') {
      this.cluster = ServingCluster.fromServingClusterAttributes(this, 'Cluster', {
        ...file,
        kubectlLayer,
        vpc,
      });
    } else {
      const { kubernetesVersion, gateway, gatewayHostname, callerCidrs, keda, metricsServer } = file;
      this.cluster = new ServingCluster(this, 'Cluster', {
        kubectlLayer,
        kubernetesVersion,
        gateway,
        gatewayHostname,
        callerCidrs,
        keda,
        metricsServer,
        vpc,
        capacity: refusedAt(this, 'Cluster', () =>
          optional(file.capacity, capacity => clusterCapacity(capacity, props.environment)),
        ),
        secretsEncryptionKey: new Key(this, 'SecretsKey', {
          description: `Kubernetes' secrets of ${props.environment.name}`,
          enableKeyRotation: true,
          removalPolicy: dataRemoval(props.environment).removalPolicy,
        }),
      });
    }
    // hours may go from the file: an alarm on the queue must not hold it back
    const queue = this.cluster.nodeScheduleDeadLetterQueue;
    if (queue !== undefined) CrossStackReferences.of(queue).produce(ReferenceStrength.WEAK);
    addOutputs(this, { ClusterName: this.cluster.cluster.clusterName });
    const { cluster } = this.cluster;
    keepExports(this, [
      cluster.clusterName,
      cluster.clusterEndpoint,
      cluster.clusterCertificateAuthorityData,
      cluster.clusterSecurityGroupId,
      cluster.kubectlProvider?.serviceToken,
    ]);
  }
}
