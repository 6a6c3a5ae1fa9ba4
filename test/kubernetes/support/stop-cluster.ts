// After the tests of the project `kubernetes`.
import type { ControlPlane } from '../../../local-cloud/kubernetes/control-plane';

export default async function stopCluster(): Promise<void> {
  await (globalThis as { mlopsControlPlane?: ControlPlane }).mlopsControlPlane?.stop();
}
