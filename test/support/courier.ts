// A courier over a database, as the composition root makes one of a configuration, with messages to send.
import assert from 'node:assert/strict';
import { createLoader } from '../../src/app/parts.ts';
import type { CourierMessage, Dispatch, MessageStore, RenderHtml } from '../../src/courier/message.ts';
import { courierSettings } from '../../src/courier/send/courier.ts';
import { type Outcome, startWorker, type Worker } from '../../src/courier/send/worker.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { newUuid } from '../../src/lib/ids.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createJsonnet } from '../../src/lib/jsonnet/jsonnet.ts';
import { createLog } from '../../src/lib/log.ts';
import { createOutbound } from '../../src/outbound/outbound.ts';
import { START_MS, sharedConfig, type TestScope } from './server.ts';

export interface CourierOptions {
  /** Section `courier`. */
  readonly courier: JsonObject;
  /** Section `clients`. */
  readonly clients?: JsonObject;
  readonly dev?: boolean;
  readonly html?: RenderHtml;
  readonly certificateFile?: string;
  readonly messages: MessageStore;
  readonly clock: Clock;
}

export interface TestCourier {
  readonly worker: Worker;
  readonly outcomes: readonly Outcome[];
  readonly logged: readonly string[];
}

/** Looks at the queue every 10 ms unless it is told otherwise; stopped with the test. */
export function startCourier(scope: TestScope, options: CourierOptions): TestCourier {
  const { courier, clients = {}, messages, clock } = options;
  const { config } = createLoader().load({
    files: [],
    env: {},
    base: sharedConfig('memory'),
    flags: { dev: options.dev ?? true, clients, courier: { worker: { pull_wait: '10ms' }, ...courier } },
  });
  const jsonnet = createJsonnet();
  const logged: string[] = [];
  const log = createLog({
    level: 'info',
    format: 'json',
    stream: { write: (line) => void logged.push(line) },
  });
  const settings = courierSettings(config, {
    html: options.html ?? (() => Promise.resolve(undefined)),
    outbound: createOutbound({ disallowPrivate: config.clients.http.disallow_private_ip_ranges }),
    jsonnet,
    log,
    certificateFile: options.certificateFile,
  });
  const outcomes: Outcome[] = [];
  const worker = startWorker({
    messages,
    clock,
    log,
    settings: () => settings,
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  scope.after(async () => {
    await worker.stop();
    await jsonnet.stop();
  });
  return { worker, outcomes, logged };
}

export const aMail = (of: Partial<CourierMessage> = {}): CourierMessage => ({
  id: newUuid(),
  status: 'queued',
  type: 'email',
  channel: 'email',
  recipient: 'ada@example.org',
  subject: 'Your code is 123456',
  body: 'Hello Ada, your code is 123456.',
  templateName: 'recovery_code_valid',
  templateData: { to: 'ada@example.org', recovery_code: '123456' },
  requestHeaders: { 'User-Agent': ['Browser'] },
  sendCount: 0,
  nextAttemptAtMs: START_MS,
  createdAtMs: START_MS,
  updatedAtMs: START_MS,
  ...of,
});

export interface Settled {
  readonly message: CourierMessage;
  readonly dispatches: readonly Dispatch[];
}

const LIMIT_MS = 15_000;

/** Waits until something is so: what is tested talks over real sockets, so there is nothing to advance. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  limitMs = LIMIT_MS,
): Promise<T> {
  for (const untilMs = performance.now() + limitMs; performance.now() < untilMs; ) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return assert.fail(`${what} did not come about in time`);
}

/** The message when so many attempts are written down; by default when nothing more will be done. */
export function settled(messages: MessageStore, id: string, attempts?: number): Promise<Settled> {
  return eventually(`the end of message ${id}`, async () => {
    const found = await messages.find(id);
    if (!found) return undefined;
    const isDone = ['sent', 'abandoned'].includes(found.message.status);
    // The attempt and the state are read one after the other.
    const isBetween = found.message.status === 'queued' && found.dispatches.length === attempts;
    return isDone || isBetween ? found : undefined;
  });
}

export const reasonsOf = ({ dispatches }: Settled): readonly unknown[] =>
  dispatches.map(({ error }) => error?.['reason']);

/** For bodies that have no test context of their own: what is to end with them ends in the order of its start, backwards. */
export async function inScope(body: (scope: TestScope) => Promise<void>): Promise<void> {
  const works: (() => void | Promise<void>)[] = [];
  try {
    await body({ after: (work) => void works.push(work) });
  } finally {
    for (const work of works.reverse()) await work();
  }
}
