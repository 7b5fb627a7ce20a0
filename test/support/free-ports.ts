// Ports of this machine that nobody listens on at this moment.
import { createServer } from 'node:net';

/** Two that differ: the first is let go only when the second is found. */
export async function freePorts(): Promise<readonly [number, number]> {
  const servers = await Promise.all([occupy(), occupy()]);
  await Promise.all(servers.map(({ release }) => release()));
  const [first, second] = servers.map(({ port }) => port);
  return [first ?? 0, second ?? 0];
}

async function occupy(): Promise<{ readonly port: number; readonly release: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
