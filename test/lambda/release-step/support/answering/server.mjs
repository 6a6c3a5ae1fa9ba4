/** A model server that answers each request with one prediction and its version; `broken` does not start. */
import { createServer } from 'node:http';

const { MODEL_VERSION: version, SAGEMAKER_BIND_TO_PORT: port, BROKEN: broken } = process.env;
if (broken !== undefined) process.exit(1);

createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const answer = JSON.stringify({ predictions: [{ prediction: 1, score: 0.8 }], version });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
}).listen(Number(port), '127.0.0.1');
