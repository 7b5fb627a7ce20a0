// A connection to a mail server, before anything is said on it.
import { connect, type LookupFunction, type Socket } from 'node:net';

/** Through the name lookup of the machine, as every other connection: nodemailer would ask name servers by itself. */
export function connectSocket(of: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly lookup: LookupFunction | undefined;
}): Promise<Socket> {
  const { host, port, lookup } = of;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      signal: AbortSignal.timeout(of.timeoutMs),
      ...(lookup ? { lookup } : {}),
    });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
