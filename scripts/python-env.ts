/** Makes or reuses `.venv`: the Python of the local cloud, of the images run locally, and of their tests. */
import { ensurePythonEnvironment } from '../local-cloud/python/environment';

export { ensurePythonEnvironment };

if (require.main === module) {
  const started = performance.now();
  ensurePythonEnvironment({
    onProgress: message => {
      console.log(message);
    },
  })
    .then(environment => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${environment.python} (${environment.reused ? 'reused' : 'made'}, ${seconds} s)`);
    })
    .catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    });
}
