// A process that has a control plane, tells of it in one line, and waits to be killed.
import { dirname } from 'node:path';
import { startControlPlane } from '../../../local-cloud/kubernetes/control-plane';

void startControlPlane({ podRunner: 'none' }).then(({ pids, kubeconfig }) => {
  console.log(JSON.stringify({ pids, folder: dirname(kubeconfig) }));
});
