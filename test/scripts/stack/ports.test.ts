// Ports: different free ones, and words about one that is taken.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { demandFree, freePorts, HIGHEST_LOW, isListening, LOOPBACK } from '../../../scripts/stack/ports';

test('gives ports that are free and different, and that no connection to elsewhere is given', async () => {
  const ports = await freePorts(5);
  expect(new Set(ports).size).toBe(5);
  expect(Math.max(...ports)).toBeLessThanOrEqual(HIGHEST_LOW);
  await Promise.all(ports.map((port) => demandFree(port, 'a test', '--port')));
});

test('says which port is taken, for what it was wanted, and how to choose another', async () => {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await isListening(port)).toBe(true);
  await expect(demandFree(port, 'the Temporal UI', '--ui-port <number>')).rejects.toThrow(
    `Port ${port}, for the Temporal UI, is already in use. Stop what uses it, or choose another: --ui-port <number>`,
  );
  await once(server.close(), 'close');
  expect(await isListening(port)).toBe(false);
});

test('names a port that cannot be used for another reason', async () => {
  await expect(demandFree(70_000, 'a test', '--port')).rejects.toThrow('Port 70000, for a test, cannot be used');
});
