/** Builds the control plane of Kubernetes that the local cloud's clusters run, once. */
import { autoModeDefinitions } from '../local-cloud/eks/auto-mode-definitions';
import { buildControlPlane } from '../local-cloud/kubernetes/build';

void buildControlPlane({
  onProgress: message => {
    process.stdout.write(`${message}\n`);
  },
}).then(async ({ folder }) => {
  // a cluster needs them as well, and what is built is then all that it needs
  await autoModeDefinitions();
  process.stdout.write(`${folder}\n`);
});
