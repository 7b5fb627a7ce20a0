// Heavy bodies at every door, under a schema that makes every check expensive: how long is the event loop held?
import fc from 'fast-check';
import {
  ADMIN_BODY_SHAPES,
  type HeavyBody,
  heavyBody,
  SUBMISSION_SHAPES,
} from '../../../test/support/heavy-bodies.ts';
import { HEAVY_SCHEMA } from '../../../test/support/heavy-schema.ts';
import { PASSWORD, schemaUrl } from '../../../test/support/server.ts';
import type { Attack, AttackOptions, Figure } from '../attack.ts';
import type { Target } from '../target.ts';

const MOST_DELAY_MS = 50;
const PUBLIC_BYTES = 256 * 1024 - 64;
const ADMIN_BYTES = 5 * 1024 * 1024 - 64;
/** Other work on the machine delays too: a body is held guilty when it does so each time. */
const TRIES = 4;

const page = (name: string) => ({ ui_url: `http://127.0.0.1:1/${name}` });

export const attack: Attack = {
  claim: `no body holds the event loop for more than ${MOST_DELAY_MS} ms`,
  config: {
    identity: { default_schema_id: 'heavy', schemas: [{ id: 'heavy', url: schemaUrl(HEAVY_SCHEMA) }] },
    selfservice: {
      methods: { code: { enabled: true, passwordless_enabled: true }, link: { enabled: true } },
      flows: {
        recovery: { enabled: true, ...page('recovery') },
        verification: { enabled: true, ...page('verification') },
      },
    },
  },
  run: async (target, options) => {
    const doors = await openDoors(target);
    await warmUp(target, doors);
    const figures: Figure[] = [];
    for (const door of doors) figures.push(await attackDoor(target, door, options));
    return figures;
  },
};

interface Door {
  readonly name: string;
  readonly shapes: readonly ((room: number) => HeavyBody)[];
  readonly most: number;
  readonly send: (body: HeavyBody) => Promise<number>;
}

async function openDoors(target: Target): Promise<readonly Door[]> {
  const { publicUrl, adminUrl } = target;
  const json = { 'content-type': 'application/json' };
  const post = async (url: string, body: object): Promise<Record<string, unknown>> => {
    const response = await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(body) });
    return (await response.json()) as Record<string, unknown>; // every answer here is an object
  };
  const actionOf = async (kind: string, headers: Record<string, string>): Promise<string> => {
    const made = await fetch(`${publicUrl}/self-service/${kind}/api`, { headers });
    // A flow, as the protocol describes it.
    const flow = (await made.json()) as { readonly ui: { readonly action: string } };
    return flow.ui.action;
  };
  const signedUp = await post(await actionOf('registration', {}), {
    method: 'password',
    password: PASSWORD,
    traits: { email: 'ada@example.org' },
  });
  const token = { 'x-session-token': String(signedUp['session_token']) };
  const ada = await post(`${adminUrl}/admin/identities`, {
    schema_id: 'heavy',
    traits: { email: 'b@example.org' },
  });
  const flowDoor = (kind: string, headers: Record<string, string> = {}): Door => ({
    name: `a ${kind} flow`,
    shapes: SUBMISSION_SHAPES,
    most: PUBLIC_BYTES,
    send: async ({ type, bytes }) =>
      sent(await actionOf(kind, headers), 'POST', { headers: { ...headers, 'content-type': type }, bytes }),
  });
  const adminDoor = (method: string, path: string): Door => ({
    name: `${method} ${path}`,
    shapes: ADMIN_BODY_SHAPES,
    most: ADMIN_BYTES,
    send: ({ type, bytes }) =>
      sent(`${adminUrl}${path.replace('{id}', String(ada['id']))}`, method, {
        headers: { 'content-type': type },
        bytes,
      }),
  });
  return [
    flowDoor('login'),
    flowDoor('registration'),
    flowDoor('settings', token),
    flowDoor('recovery'),
    flowDoor('verification'),
    {
      name: 'DELETE /self-service/logout/api',
      shapes: SUBMISSION_SHAPES,
      most: PUBLIC_BYTES,
      send: ({ type, bytes }) =>
        sent(`${publicUrl}/self-service/logout/api`, 'DELETE', { headers: { 'content-type': type }, bytes }),
    },
    {
      name: 'the query of a login flow',
      shapes: SUBMISSION_SHAPES,
      most: 12_000,
      send: ({ bytes }) =>
        sent(
          `${publicUrl}/self-service/login?${encodeURI(Buffer.from(bytes).toString('utf8')).slice(0, 14_000)}`,
          'GET',
          {
            headers: {},
          },
        ),
    },
    adminDoor('POST', '/admin/identities'),
    adminDoor('PATCH', '/admin/identities'),
    adminDoor('PUT', '/admin/identities/{id}'),
    adminDoor('PATCH', '/admin/identities/{id}'),
    adminDoor('POST', '/admin/recovery/code'),
  ];
}

async function sent(
  url: string,
  method: string,
  { headers, bytes }: { readonly headers: Record<string, string>; readonly bytes?: Uint8Array<ArrayBuffer> },
): Promise<number> {
  try {
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      ...(bytes ? { body: bytes } : {}),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    // The server closes the connection of a body that is too large while it is still being sent.
    return 0;
  }
}

/** What runs for the first time is compiled first, which is no fault of a body. */
async function warmUp(target: Target, doors: readonly Door[]): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    for (const door of doors) for (const make of door.shapes) await door.send(make(2_000));
  }
  await target.reset();
}

interface Worst {
  readonly delayMs: number;
  readonly what: string;
}

async function attackDoor(target: Target, door: Door, options: AttackOptions): Promise<Figure> {
  let worst: Worst = { delayMs: 0, what: '' };
  let count = 0;
  const failures = new Set<string>();
  const tryBody = async (body: HeavyBody): Promise<void> => {
    count += 1;
    let delayMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < TRIES && delayMs > MOST_DELAY_MS; round += 1) {
      await target.reset();
      const status = await door.send(body);
      const { longestDelayMs, loopCpuMs, errors } = await target.read();
      delayMs = Math.min(delayMs, longestDelayMs, loopCpuMs);
      if (status >= 500 || errors.length > 0)
        failures.add(`${body.what}: ${status} ${errors[0]?.slice(0, 200) ?? ''}`);
    }
    if (delayMs > worst.delayMs) worst = { delayMs, what: `${body.what} (${body.bytes.length} bytes)` };
  };
  for (const make of door.shapes) await tryBody(make(door.most));
  const until = performance.now() + (options.seconds * 1000) / 12;
  for (const body of fc.sample(heavyBody(door.shapes, door.most), { seed: options.seed, numRuns: 60 })) {
    if (performance.now() > until) break;
    await tryBody(body);
  }
  return {
    what: door.name,
    value: `${count} bodies, at most ${worst.delayMs.toFixed(0)} ms by ${worst.what}${[...failures].map((line) => `\n      failed: ${line}`).join('')}`,
    isFine: worst.delayMs <= MOST_DELAY_MS && failures.size === 0,
  };
}
