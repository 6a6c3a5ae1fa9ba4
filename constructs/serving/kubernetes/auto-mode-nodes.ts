import { type ICluster, KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { networkPolicySwitch, nodeClass, type NodeClassProps, nodePools } from './auto-mode-pools';
import type { AutoModeOptions } from './cluster-capacity';

/** What the nodes are made in. */
export interface AutoModeNodesProps extends NodeClassProps {
  readonly cluster: ICluster;
  readonly options: Required<AutoModeOptions>;
}

/** The pools of a cluster in Auto Mode, and the class of their nodes, with policies of the network in force. */
export class AutoModeNodes extends Construct {
  constructor(scope: Construct, id: string, props: AutoModeNodesProps) {
    super(scope, id);
    const { cluster, options } = props;
    const manifest = (manifestId: string, object: Record<string, unknown>) =>
      new KubernetesManifest(this, manifestId, { cluster, manifest: [object], prune: false });
    manifest('NetworkPolicySwitch', networkPolicySwitch());
    const ofOurs = manifest('NodeClass', nodeClass(props));
    for (const [poolId, pool] of Object.entries(nodePools(options))) {
      manifest(poolId, pool).node.addDependency(ofOurs);
    }
  }
}
