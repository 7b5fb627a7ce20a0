// Listens on a port or a socket, and stops gracefully.
import { chmodSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
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
  /** For taking an answer: a client that reads nothing cannot hold it in memory for longer. */
  readonly answerMs: number;
  readonly keepAliveMs: number;
}

/** docs/protocol/http.md 0.2. A slow sender cannot hold a connection for longer. */
export const PUBLIC_TIMEOUTS: Timeouts = {
  headersMs: 5_000,
  requestMs: 15_000,
  answerMs: 60_000,
  keepAliveMs: 120_000,
};
export const ADMIN_TIMEOUTS: Timeouts = {
  headersMs: 5_000,
  requestMs: 30_000,
  answerMs: 120_000,
  keepAliveMs: 600_000,
};

/** How often Node looks for slow senders. Its own 30 s would make 35 of 5. */
const CHECK_MS = 500;

/** While a listener stops, connections that fall idle are closed as often. */
const SWEEP_MS = 50;

export interface Listener {
  /** Port that was taken; 0 for a socket. */
  readonly port: number;
  /**
   * Takes no more connections, says `Connection: close` on every answer, and waits for requests in flight. What is not
   * through after `withinMs` is cut off.
   */
  readonly stop: (withinMs: number) => Promise<void>;
}

/** Throws the system's error where the address cannot be taken. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const state: State = { isStopping: false, answerMs: options.timeouts.answerMs };
  const handle = (message: IncomingMessage, response: ServerResponse): void => {
    answer(message, response, { port: options.answer, state }).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500, connectionHeader(state)).end();
    });
  };
  const { headersMs, requestMs, keepAliveMs } = options.timeouts;
  const settings = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: CHECK_MS,
  };
  const server: Server = options.tls
    ? https().createServer(
        { ...settings, ...options.tls, minVersion: 'TLSv1.2', handshakeTimeout: headersMs },
        handle,
      )
    : http.createServer(settings, handle);
  // Those that have not even begun a request, or are in the middle of TLS's greeting, are no connections for Node's HTTP.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
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
    stop: (withinMs) => {
      state.isStopping = true;
      return closed(server, sockets, withinMs);
    },
  };
}

/** What all answers of a listener look at. */
interface State {
  isStopping: boolean;
  readonly answerMs: number;
}

const connectionHeader = ({ isStopping }: State): string[] => (isStopping ? ['Connection', 'close'] : []);

function closed(server: Server, sockets: ReadonlySet<Socket>, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    // An answer that was on its way when the stop began had no `Connection: close`: its connection is idle once it is out.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    // Closing a server ends Node's own checks of slow senders too.
    const force = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, withinMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  { port, state }: { readonly port: ListenOptions['answer']; readonly state: State },
): Promise<void> {
  const request = incomingFromNode(message);
  if (request) send(response, await port(request, peerOf(message)), state);
  else response.writeHead(400, connectionHeader(state)).end();
  if (!message.complete) discardRest(message);
}

/** Written at once and in one piece: a Response in between doubles what a request costs. */
function send(response: ServerResponse, { status, headers, body }: SentAnswer, state: State): void {
  const own = connectionHeader(state);
  if (body === undefined) {
    response.writeHead(status, [...headers, ...own]).end();
    return;
  }
  const byteLength = Buffer.byteLength(body);
  response.writeHead(status, [...headers, ...own, 'Content-Length', String(byteLength)]);
  // As many bytes as characters: ASCII, which is copied as it stands where UTF-8 would be translated.
  response.end(body, byteLength === body.length ? 'latin1' : 'utf8');
  if ((response.socket?.writableLength ?? 0) > 0) cutUnlessTaken(response, state.answerMs);
}

/** Most answers fit into what the system keeps for a connection; the rest of a larger one waits for its reader here. */
function cutUnlessTaken(response: ServerResponse, withinMs: number): void {
  const cut = setTimeout(() => response.destroy(), withinMs);
  response.once('close', () => clearTimeout(cut));
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
