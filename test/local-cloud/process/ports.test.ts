import { createServer, type AddressInfo } from 'node:net';
import { assertPortIsFree, freePort } from '../../../local-cloud/process/ports';

test('a free port can be listened on', async () => {
  await expect(assertPortIsFree(await freePort())).resolves.toBeUndefined();
});

test('a port is given to one caller only, though nobody listens there yet', async () => {
  // the system itself gives some sixty of these twice
  const ports = new Set<number>();
  for (let call = 0; call < 1000; call++) {
    ports.add(await freePort());
  }
  expect(ports.size).toBe(1000);
});

test('fails on a port that is taken, by its number', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(assertPortIsFree(port)).rejects.toThrow(`'port' ${port} cannot be used (EADDRINUSE)`);
  server.close();
});

test.each([0, -1, 1.5, 65536, NaN])('fails on %p, which is no port', async port => {
  await expect(assertPortIsFree(port)).rejects.toThrow("'port' must be a whole number from 1 to 65535");
});
