// A service of the operator's that hooks call: it keeps what came, and answers as the test says.
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { TestScope } from './server.ts';

export interface SinkCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: () => Record<string, unknown>;
}

export interface SinkAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly delayMs?: number;
  /** The connection is cut instead. */
  readonly isCut?: true;
}

export interface Sink {
  readonly origin: string;
  readonly calls: SinkCall[];
  /** What is answered from now on; default: 200 with an empty object. */
  answer: (call: SinkCall) => SinkAnswer;
  /** Waits until so many calls came, and returns them all. */
  readonly wait: (count: number) => Promise<readonly SinkCall[]>;
}

export async function startSink(scope: TestScope): Promise<Sink> {
  const calls: SinkCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { method = '', url = '', headers } = request;
      const text = Buffer.concat(chunks).toString();
      const call = { method, path: url, headers, text, json: () => JSON.parse(text) };
      calls.push(call);
      const { status = 200, headers: more = {}, json = {}, delayMs = 0, isCut } = sink.answer(call);
      // A service that hangs does not keep the test from ending.
      if (delayMs > 0) await wait(delayMs, undefined, { ref: false });
      if (isCut) request.destroy();
      else response.writeHead(status, more).end(status === 204 ? undefined : JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  const sink: Sink = {
    origin: `http://127.0.0.1:${port}`,
    calls,
    answer: () => ({}),
    wait: async (count) => {
      await until(() => calls.length >= count, `${count} calls`);
      return calls;
    },
  };
  return sink;
}

const PATIENCE_MS = 60_000;

/** Looks again and again; fails where it takes too long. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    assert.ok(Date.now() < endMs, `${what} did not happen in time`);
    await wait(5);
  }
}

export const jsonnet = (snippet: string): string => `base64://${Buffer.from(snippet).toString('base64')}`;
