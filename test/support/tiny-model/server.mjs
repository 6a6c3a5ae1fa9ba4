/**
 * The smallest model server: answers a payload with the same text backwards, its version and its process id, so that an
 * answer can be told to be the right one of the right server. A version
 * that begins with `broken` does not start; every other dies of the payload `deadly`. `SECONDS_PER_ANSWER` keeps a request on its way for a while.
 */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const {
  MODEL_VERSION: version = 'none',
  SAGEMAKER_BIND_TO_PORT: port,
  SECONDS_PER_ANSWER: seconds = '0',
} = process.env;

if (version.startsWith('broken')) {
  process.exit(1);
}

const server = createServer(async (request, response) => {
  if (request.url === '/ping') {
    response.end();
    return;
  }
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const payload = Buffer.concat(chunks).toString();
  if (payload === 'deadly') {
    process.kill(process.pid, 'SIGKILL');
  }
  if (seconds !== '0') {
    await sleep(Number(seconds) * 1000);
  }
  const answer = JSON.stringify({ version, pid: process.pid, backwards: backwards(payload) });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
  response.end(answer);
});
server.listen(Number(port), '127.0.0.1');

function backwards(text) {
  return [...text].reverse().join('');
}
