// Before the tests of the project `kubernetes`: one cluster for all of them.
import { type ControlPlane, startControlPlane } from '../../../local-cloud/kubernetes/control-plane';
import { CLUSTER_VARIABLE } from './cluster';

export default async function startCluster(): Promise<void> {
  const given = process.env.KUBECONFIG ?? '';
  if (given !== '') {
    console.log(`\nthe cluster is the one of 'KUBECONFIG', ${given}`);
    process.env[CLUSTER_VARIABLE] = given;
    return;
  }
  const begin = performance.now();
  const controlPlane = await startControlPlane({ onProgress: message => console.log(`\n${message}`) });
  // the end of the tests runs in the same process, but has its own modules
  (globalThis as { mlopsControlPlane?: ControlPlane }).mlopsControlPlane = controlPlane;
  process.env[CLUSTER_VARIABLE] = controlPlane.kubeconfig;
  console.log(`\nKubernetes ${controlPlane.version} in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}
