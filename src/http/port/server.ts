// Listens on a port or a socket, and stops gracefully.
import { chmodSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { http, https } from '../../lib/node-http.ts';
import type { Peer } from '../guard/client-address.ts';
import type { SentAnswer } from './answer.ts';
import { type IncomingRequest, incomingFromNode } from './incoming.ts';

export interface ListenOptions {
  readonly answer: (request: IncomingRequest, peer: Peer) => Promise<SentAnswer>;
  /** A host name or address, or `unix:/path`. */
  readonly host: string;
  readonly port: number;
  /** Mode of the socket file. */
  readonly socketMode: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly timeouts: Timeouts;
}

export interface Timeouts {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
}

/** Contract/platform.md section 8. A slow sender cannot hold a connection for longer. */
export const PUBLIC_TIMEOUTS: Timeouts = { headersMs: 5_000, requestMs: 15_000, keepAliveMs: 120_000 };
export const ADMIN_TIMEOUTS: Timeouts = { headersMs: 5_000, requestMs: 30_000, keepAliveMs: 600_000 };

/** How long requests in flight may take after the server was told to stop. */
const GRACE_MS = 120_000;

export interface Listener {
  /** Port that was taken; 0 for a socket. */
  readonly port: number;
  /** Takes no more requests and waits for those in flight. */
  readonly stop: () => Promise<void>;
}

/** Throws the system's error where the address cannot be taken. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const handle = (message: IncomingMessage, response: ServerResponse): void => {
    answer(message, response, options.answer).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  };
  const server: Server = options.tls
    ? https().createServer({ ...options.tls, minVersion: 'TLSv1.2' }, handle)
    : http.createServer(handle);
  server.headersTimeout = options.timeouts.headersMs;
  server.requestTimeout = options.timeouts.requestMs;
  server.keepAliveTimeout = options.timeouts.keepAliveMs;
  const socketPath = options.host.startsWith('unix:') ? options.host.slice('unix:'.length) : undefined;
  // A socket file that an earlier process left behind would stand in the way.
  if (socketPath !== undefined) rmSync(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (socketPath === undefined) server.listen(options.port, options.host, resolve);
    else server.listen(socketPath, resolve);
  });
  if (socketPath !== undefined) chmodSync(socketPath, options.socketMode);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: () =>
      new Promise((resolve) => {
        const force = setTimeout(() => server.closeAllConnections(), GRACE_MS);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  port: ListenOptions['answer'],
): Promise<void> {
  const request = incomingFromNode(message);
  if (request) send(response, await port(request, peerOf(message)));
  else response.writeHead(400).end();
  if (!message.complete) discardRest(message);
}

/** Written at once and in one piece: a Response in between doubles what a request costs. */
function send(response: ServerResponse, { status, headers, body }: SentAnswer): void {
  if (body === undefined) {
    response.writeHead(status, [...headers]).end();
    return;
  }
  const byteLength = Buffer.byteLength(body);
  response.writeHead(status, [...headers, 'Content-Length', String(byteLength)]);
  // As many bytes as characters: ASCII, which is copied as it stands where UTF-8 would be translated.
  response.end(body, byteLength === body.length ? 'latin1' : 'utf8');
}

/** How long a client may go on sending what nobody reads. One that is cut off at once may lose the answer with it. */
const DISCARD_MS = 500;

function discardRest(message: IncomingMessage): void {
  const { socket } = message;
  const cut = setTimeout(() => socket.destroySoon(), DISCARD_MS);
  message.once('close', () => clearTimeout(cut));
  message.resume();
}

/** A socket file has no addresses: who may open it is on this machine. */
function peerOf({ socket }: IncomingMessage): Peer {
  const { remoteAddress, remotePort } = socket;
  return { address: remoteAddress ?? '127.0.0.1', port: remotePort ?? 0 };
}
