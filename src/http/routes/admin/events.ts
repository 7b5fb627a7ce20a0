// Security events for administrators: who did what, when and from where. An addition of Bia; Kratos has no such list.

import { EVENT_KINDS, type EventKind, type EventQuery, type EventStore } from '../../../event/event.ts';
import { eventToJson } from '../../../event/view.ts';
import type { Sealer } from '../../../lib/cipher.ts';
import { type IdentityId, parseUuid, type SessionId } from '../../../lib/ids.ts';
import { badRequest } from '../../../protocol/refusals.ts';
import { type KeySetRules, keySetLinks, readKeySetPage } from '../../paging/key-set-pages.ts';
import { ownParameters } from '../../paging/own-parameters.ts';
import { type HttpAnswer, jsonAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import type { Route } from '../../port/route.ts';

export interface AdminEventDeps {
  readonly events: Pick<EventStore, 'list'>;
  /** Of page tokens of this list. */
  readonly pageSealer: Sealer;
}

const PATH = '/admin/security-events';
const FILTERS = ['kind', 'identity_id', 'session_id', 'since', 'until', 'order'] as const;

export function adminEventRoutes(deps: AdminEventDeps): readonly Route[] {
  return [{ method: 'GET', path: PATH, handle: (context) => list(deps, context) }];
}

async function list(deps: AdminEventDeps, { query }: HttpContext): Promise<HttpAnswer> {
  const rules: KeySetRules = { defaultSize: 100, maxSize: 1_000, sealer: deps.pageSealer };
  const page = readKeySetPage(query, rules);
  // One more than is shown tells whether there is another page.
  const found = await deps.events.list({
    ...readFilters(query),
    ...(page.after === undefined ? {} : { after: readPosition(page.after) }),
    limit: page.size + 1,
  });
  const onPage = found.slice(0, page.size);
  const last = onPage.at(-1);
  const next = last && found.length > page.size ? JSON.stringify([last.atMs, last.position]) : undefined;
  return jsonAnswer(
    200,
    onPage.map(eventToJson),
    keySetLinks({ path: PATH, query: ownParameters(query, FILTERS) }, { size: page.size, next }, rules),
  );
}

/** Throws 400 for what no event can have. */
function readFilters(query: URLSearchParams): Omit<EventQuery, 'after' | 'limit'> {
  const kinds = query.getAll('kind').filter((kind) => kind !== '');
  const identityId = idOf<IdentityId>(query, 'identity_id');
  const sessionId = idOf<SessionId>(query, 'session_id');
  const sinceMs = timeOf(query, 'since');
  const untilMs = timeOf(query, 'until');
  return {
    order: orderOf(query),
    ...(kinds.length === 0 ? {} : { kinds: [...new Set(kinds.map(kindOf))] }),
    ...(identityId === undefined ? {} : { identityId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  };
}

function kindOf(text: string): EventKind {
  const kind = EVENT_KINDS.find((known) => known === text);
  if (kind === undefined) throw badRequest(`Events are ${EVENT_KINDS.join(', ')}.`);
  return kind;
}

function idOf<Id extends string>(query: URLSearchParams, name: string): Id | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  const id = parseUuid<Id>(text);
  if (!id) throw badRequest(`The parameter "${name}" is not a UUID.`);
  return id;
}

/** RFC 3339, such as the answers have. */
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?$/i;

function timeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  const atMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) {
    throw badRequest(`The parameter "${name}" is a time such as 2030-01-31T08:00:00Z.`);
  }
  return atMs;
}

function orderOf(query: URLSearchParams): EventQuery['order'] {
  const text = query.get('order') || 'newest';
  if (text === 'newest' || text === 'oldest') return text;
  throw badRequest('The parameter "order" must be newest or oldest.');
}

/** It was sealed, so it is what `list` wrote. */
function readPosition(text: string): NonNullable<EventQuery['after']> {
  const [atMs, position] = JSON.parse(text) as [number, number];
  return { atMs, position };
}
