// Events of hooks for administrators: what was queued, what became of each try, and sending them once more.
import type { Static } from 'typebox';
import type { Sealer } from '../../../lib/cipher.ts';
import { type Clock, toRfc3339 } from '../../../lib/clock.ts';
import { parseUuid } from '../../../lib/ids.ts';
import type { JsonObject } from '../../../lib/json.ts';
import {
  EVENT_STATUSES,
  eventToJson,
  type OutboxAttempt,
  type OutboxFilter,
  type OutboxPage,
  type OutboxStatus,
  type OutboxStore,
} from '../../../outbox/event.ts';
import { badRequest, notFound } from '../../../protocol/refusals.ts';
import { Type } from '../../../schema/typebox.ts';
import { readJson, shaped } from '../../body/json-body.ts';
import { type KeySetRules, keySetLinks, readKeySetPage } from '../../paging/key-set-pages.ts';
import { ownParameters } from '../../paging/own-parameters.ts';
import { type HttpAnswer, jsonAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import type { Route } from '../../port/route.ts';

export interface HookEventDeps {
  readonly clock: Clock;
  readonly outbox: Pick<OutboxStore, 'find' | 'list' | 'replay'>;
  /** Of page tokens of this list. */
  readonly pageSealer: Sealer;
}

const PATH = '/admin/hook-events';
const FILTERS = ['status', 'target', 'identity', 'since', 'until'] as const;

export function hookEventRoutes(deps: HookEventDeps): readonly Route[] {
  return [
    { method: 'GET', path: PATH, handle: (context) => list(deps, context) },
    { method: 'POST', path: `${PATH}/replay`, handle: (context) => replayMany(deps, context) },
    { method: 'GET', path: `${PATH}/{id}`, handle: (context) => read(deps, context) },
    { method: 'POST', path: `${PATH}/{id}/replay`, handle: (context) => replayOne(deps, context) },
  ];
}

async function list({ outbox, pageSealer }: HookEventDeps, { query }: HttpContext): Promise<HttpAnswer> {
  const rules: KeySetRules = { defaultSize: 100, maxSize: 500, sealer: pageSealer };
  const page = readKeySetPage(query, rules);
  // One more than is shown tells whether there is another page.
  const found = await outbox.list({
    ...readFilter(Object.fromEntries(FILTERS.map((name) => [name, query.get(name) || undefined]))),
    ...(page.after === undefined ? {} : { after: readPosition(page.after) }),
    limit: page.size + 1,
  });
  const onPage = found.slice(0, page.size);
  const last = onPage.at(-1);
  const next = last && found.length > page.size ? JSON.stringify([last.createdAtMs, last.id]) : undefined;
  return jsonAnswer(
    200,
    onPage.map((event) => eventToJson(event, toRfc3339)),
    keySetLinks({ path: PATH, query: ownParameters(query, FILTERS) }, { size: page.size, next }, rules),
  );
}

async function read({ outbox }: HookEventDeps, { params }: HttpContext): Promise<HttpAnswer> {
  const found = await outbox.find(idOf(params));
  if (!found) throw notFound();
  const { event, attempts } = found;
  return jsonAnswer(200, { ...eventToJson(event, toRfc3339), tries: attempts.map(attemptToJson) });
}

async function replayOne({ outbox, clock }: HookEventDeps, { params }: HttpContext): Promise<HttpAnswer> {
  const id = idOf(params);
  if (!(await outbox.find(id))) throw notFound();
  // None where it waits already, which is what was asked for.
  const replayed = await outbox.replay({ id, nowMs: clock.nowMs(), limit: 1 });
  return jsonAnswer(200, { replayed });
}

const replayBody = Type.Object(
  {
    status: Type.Optional(Type.Unsafe<OutboxStatus>({ enum: ['delivered', 'abandoned'] })),
    target: Type.Optional(Type.String()),
    identity: Type.Optional(Type.String()),
    since: Type.Optional(Type.String()),
    until: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** In one statement on SQLite it would hold the process, everywhere locks. */
const BATCH = 500;

async function replayMany({ outbox, clock }: HookEventDeps, context: HttpContext): Promise<HttpAnswer> {
  const body: Static<typeof replayBody> = shaped(await readJson(context), replayBody, 'refused');
  const filter = readFilter({ status: 'abandoned', ...body });
  const nowMs = clock.nowMs();
  let replayed = 0;
  for (;;) {
    const count = await outbox.replay({ ...filter, nowMs, limit: BATCH });
    replayed += count;
    if (count < BATCH) return jsonAnswer(200, { replayed });
  }
}

function idOf(params: Readonly<Record<string, string>>): string {
  const id = parseUuid(params['id']);
  if (!id) throw badRequest('The id is not a UUID.');
  return id;
}

const isStatus = (text: string): text is OutboxStatus => EVENT_STATUSES.some((status) => status === text);

function readFilter(
  of: Readonly<Partial<Record<(typeof FILTERS)[number], string | undefined>>>,
): OutboxFilter {
  const { status, target, identity, since, until } = of;
  if (status !== undefined && !isStatus(status)) throw badRequest(`Events are ${EVENT_STATUSES.join(', ')}.`);
  return {
    ...(status === undefined ? {} : { status }),
    ...(target === undefined ? {} : { target }),
    ...(identity === undefined ? {} : { identityId: identity }),
    ...(since === undefined ? {} : { sinceMs: timeOf('since', since) }),
    ...(until === undefined ? {} : { untilMs: timeOf('until', until) }),
  };
}

function timeOf(name: string, text: string): number {
  const ms = /^\d{4}-\d\d-\d\d(?:T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw badRequest(`"${name}" is no time such as 2026-01-31T12:00:00Z.`);
  return ms;
}

/** It was sealed, so it is what `list` wrote. */
function readPosition(text: string): NonNullable<OutboxPage['after']> {
  const [createdAtMs, id] = JSON.parse(text) as [number, string];
  return { createdAtMs, id };
}

const attemptToJson = ({ id, outcome, tookMs, atMs }: OutboxAttempt): JsonObject => ({
  id,
  outcome,
  took_ms: tookMs,
  at: toRfc3339(atMs),
});
