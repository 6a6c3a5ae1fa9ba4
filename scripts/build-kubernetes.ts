/** Builds the control plane of Kubernetes that the local cloud's clusters run, once. */
import { buildControlPlane } from '../local-cloud/kubernetes/build';

void buildControlPlane({
  onProgress: message => {
    process.stdout.write(`${message}\n`);
  },
}).then(({ folder }) => {
  process.stdout.write(`${folder}\n`);
});
