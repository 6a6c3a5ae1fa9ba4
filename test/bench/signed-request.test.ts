import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { latencies } from '../../bench/latencies';
import { captured, capturing } from '../../bench/signed-request';

test("a captured request arrives as the SDK's own would", async () => {
  // GIVEN
  const arrived: object[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', data => (body += String(data)));
    request.on('end', () => {
      arrived.push({ path: request.url, signed: request.headers.authorization?.slice(0, 16), body });
      response.end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const invoke = new InvokeEndpointCommand({ EndpointName: 'rain', Body: 'ä' });

  // WHEN
  const requests = await Promise.all([
    captured(new SageMakerRuntimeClient(capturing(endpoint)).send(invoke)),
    captured(new SSMClient(capturing(endpoint)).send(new GetParameterCommand({ Name: 'a' }))),
  ]);
  const taken = await latencies(endpoint, requests);
  await new Promise(resolve => server.close(resolve));

  // THEN
  expect(taken).toHaveLength(2);
  expect(arrived).toEqual([
    { path: '/endpoints/rain/invocations', signed: 'AWS4-HMAC-SHA256', body: 'ä' },
    { path: '/', signed: 'AWS4-HMAC-SHA256', body: '{"Name":"a"}' },
  ]);
});

test('fails when the client sends its requests itself', async () => {
  await expect(captured(Promise.resolve())).rejects.toThrow('make it with the settings of `capturing`');
});
