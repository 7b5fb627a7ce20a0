// A connection that a test writes byte for byte: half-sent requests, slow ones, and what comes back of them.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly write: (text: string) => void;
  /** Everything that came back so far. */
  readonly received: () => string;
  /** Resolves when that holds the text, or when the other side has closed. */
  readonly until: (text: string) => Promise<string>;
  /** Resolves with the milliseconds since the connection was made when the other side has closed it. */
  readonly closed: Promise<number>;
  readonly socket: Socket;
}

export async function connectRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const startedAt = performance.now();
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  // How it was closed is what tests look at.
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => {
    socket.on('close', () => resolve(performance.now() - startedAt));
  });
  return {
    write: (text) => void socket.write(text),
    received: () => received,
    until: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (received.includes(text) || socket.closed) resolve(received);
        };
        socket.on('data', look).on('close', look);
        look();
      }),
    closed,
    socket,
  };
}

/** One request in HTTP's own text. */
export function rawRequest(
  method: string,
  path: string,
  of: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): string {
  const { body } = of;
  const headers = {
    Host: 'id.example.org',
    ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...of.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}
