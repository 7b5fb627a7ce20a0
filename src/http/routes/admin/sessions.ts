// Sessions for administrators: look at them, end them, extend them (docs/protocol/http.md 5.3).

import { type Act, administratorAct } from '../../../event/administrator.ts';
import type { Identity } from '../../../identity/identity.ts';
import { identityToAdminJson, identityToJson } from '../../../identity/view.ts';
import type { Sealer } from '../../../lib/cipher.ts';
import { type IdentityId, parseUuid, type SessionId } from '../../../lib/ids.ts';
import type { Json, JsonObject } from '../../../lib/json.ts';
import { ApiError } from '../../../protocol/api-error.ts';
import { badRequest, notFound } from '../../../protocol/refusals.ts';
import { Type } from '../../../schema/typebox.ts';
import {
  deleteSessionsOf,
  endSession,
  extendSession,
  type ManySessions,
  manageSessions,
  type SessionAdministrationDeps,
} from '../../../session/administer.ts';
import type { SessionPage, SessionStore, SessionWithIdentity } from '../../../session/store.ts';
import { sessionToJson } from '../../../session/view.ts';
import { readJson, shaped } from '../../body/json-body.ts';
import { type KeySetRules, keySetLinks, readKeySetPage } from '../../paging/key-set-pages.ts';
import { offsetHeaders, readOffsetPage } from '../../paging/offset-pages.ts';
import { ownParameters } from '../../paging/own-parameters.ts';
import { emptyAnswer, type HttpAnswer, jsonAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import type { Route } from '../../port/route.ts';

export interface AdminSessionDeps {
  readonly administration: SessionAdministrationDeps;
  /** For reading, outside of transactions. */
  readonly sessions: SessionStore;
  /** Of page tokens of this list. */
  readonly pageSealer: Sealer;
  /** Public base address, ending in a slash. */
  readonly publicUrl: string;
  /** `feature_flags.faster_session_extend`: an extension is answered without the session. */
  readonly answersExtendEmpty: boolean;
}

export function adminSessionRoutes(deps: AdminSessionDeps): readonly Route[] {
  const all = '/admin/sessions';
  const ofIdentity = '/admin/identities/{id}/sessions';
  return [
    { method: 'GET', path: all, handle: (context) => list(deps, context) },
    { method: 'POST', path: all, handle: (context) => manage(deps, context) },
    { method: 'GET', path: `${all}/{id}`, handle: (context) => read(deps, context) },
    {
      method: 'DELETE',
      path: `${all}/{id}`,
      handle: async (context) => {
        await endSession(deps.administration, idOf<SessionId>(context), actOf(deps, context));
        return endedAnswer;
      },
    },
    { method: 'PATCH', path: `${all}/{id}/extend`, handle: (context) => extendOne(deps, context) },
    { method: 'GET', path: ofIdentity, handle: (context) => listOfIdentity(deps, context) },
    {
      method: 'DELETE',
      path: ofIdentity,
      handle: async (context) => {
        await deleteSessionsOf(deps.administration, idOf<IdentityId>(context), actOf(deps, context));
        return emptyAnswer;
      },
    },
  ];
}

/** Empty and yet named as JSON, as Kratos does it here alone. */
const endedAnswer: HttpAnswer = {
  status: 204,
  headers: { 'Content-Type': 'application/json; charset=utf-8' },
};

const malformed = (message: string): ApiError => new ApiError({ status: 400, message });

const actOf = ({ administration }: AdminSessionDeps, context: HttpContext): Act =>
  administratorAct(administration.clock, context);

function idOf<Id extends string>({ params }: HttpContext): Id {
  const id = parseUuid<Id>(params['id']);
  if (!id) throw malformed('The id is not a UUID.');
  return id;
}

const PAGES = { defaultSize: 250, maxSize: 1_000 };

async function list(deps: AdminSessionDeps, context: HttpContext): Promise<HttpAnswer> {
  const { query } = context;
  const active = readActive(query);
  const expanded = readExpanded(query);
  const rules: KeySetRules = { ...PAGES, sealer: deps.pageSealer };
  const page = readKeySetPage(query, rules);
  // One more than is shown tells whether there is another page.
  const found = await deps.sessions.list(
    {
      ...(active === undefined ? {} : { active }),
      ...(page.after ? { after: readPosition(page.after) } : {}),
      limit: page.size + 1,
    },
    deps.administration.clock.nowMs(),
  );
  const onPage = found.slice(0, page.size);
  const last = onPage.at(-1);
  const next =
    last && found.length > page.size ? JSON.stringify([last.createdAtMs, last.session.id]) : undefined;
  const shown = onPage.map((session) =>
    toJson(deps, session, {
      identity: expanded.has('identity') ? withoutAddresses : undefined,
      devices: expanded.has('devices') ? 'shown' : 'null',
    }),
  );
  return jsonAnswer(
    200,
    shown,
    keySetLinks(
      { path: '/admin/sessions', query: ownParameters(query, ['active', 'expand']) },
      { size: page.size, next },
      rules,
    ),
  );
}

/** It was sealed, so it is what `list` wrote. */
function readPosition(text: string): NonNullable<SessionPage['after']> {
  const [createdAtMs, id] = JSON.parse(text) as [number, string];
  return { createdAtMs, id };
}

async function listOfIdentity(deps: AdminSessionDeps, context: HttpContext): Promise<HttpAnswer> {
  const identityId = idOf<IdentityId>(context);
  const active = readActive(context.query);
  const page = readOffsetPage(context.query);
  const of = { identityId, ...(active === undefined ? {} : { active }) };
  const nowMs = deps.administration.clock.nowMs();
  const total = await deps.sessions.count(of, nowMs);
  const found = await deps.sessions.list({ ...of, offset: page.offset, limit: page.size }, nowMs);
  // Inside such a list Kratos does not know the address of the schema.
  const identity: Shape = (person, view) => ({ ...withoutAddresses(person, view), schema_url: '' });
  const shown = found.map((session) => toJson(deps, session, { identity, devices: 'shown' }));
  const path = `/admin/identities/${identityId}/sessions`;
  return jsonAnswer(
    200,
    shown,
    offsetHeaders({ path, query: ownParameters(context.query, ['active']) }, page, total),
  );
}

async function read(deps: AdminSessionDeps, context: HttpContext): Promise<HttpAnswer> {
  const expanded = readExpanded(context.query);
  const found = await deps.sessions.find(idOf<SessionId>(context));
  if (!found) throw notFound();
  const json = toJson(deps, found, {
    identity: expanded.has('identity') ? identityToAdminJson : undefined,
    devices: expanded.has('devices') ? 'shown' : 'none',
  });
  return jsonAnswer(200, json);
}

async function extendOne(deps: AdminSessionDeps, context: HttpContext): Promise<HttpAnswer> {
  const extended = await extendSession(deps.administration, idOf<SessionId>(context), actOf(deps, context));
  if (deps.answersExtendEmpty) return emptyAnswer;
  return jsonAnswer(200, toJson(deps, extended, { identity: identityToJson, devices: 'none' }));
}

type Shape = typeof identityToAdminJson;

/** Lists are made of sessions: whoever needs the addresses of a person asks for the person. */
const withoutAddresses: Shape = (identity: Identity, view) =>
  identityToAdminJson({ ...identity, verifiableAddresses: [], recoveryAddresses: [] }, view);

function toJson(
  { administration, publicUrl }: AdminSessionDeps,
  { session, identity }: SessionWithIdentity,
  shows: { readonly identity: Shape | undefined; readonly devices: 'shown' | 'none' | 'null' },
): JsonObject {
  const devices = shows.devices === 'shown' ? session.devices : [];
  return sessionToJson(
    { ...session, devices },
    {
      nowMs: administration.clock.nowMs(),
      identity: shows.identity?.(identity, { publicUrl }) ?? null,
      identityState: identity.state,
      showsDevices: shows.devices !== 'null',
    },
  );
}

const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

function readActive(query: URLSearchParams): boolean | undefined {
  const text = query.get('active') ?? '';
  if (text === '') return undefined;
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw malformed('The parameter "active" must be true or false.');
}

function readExpanded(query: URLSearchParams): ReadonlySet<string> {
  const names = query.getAll('expand').map((name) => name.toLowerCase());
  for (const name of names) {
    if (name !== 'identity' && name !== 'devices') throw badRequest(`A session has no "${name}" to expand.`);
  }
  return new Set(names);
}

const manyBody = Type.Object({
  action: Type.Unsafe<'disable' | 'delete'>({ type: 'string', enum: ['disable', 'delete'] }),
  identities: Type.Optional(Type.Array(Type.String())),
  sessions: Type.Optional(Type.Array(Type.String())),
});

async function manage(deps: AdminSessionDeps, context: HttpContext): Promise<HttpAnswer> {
  const many = readMany(await readJson(context));
  const { processed, more } = await manageSessions(deps.administration, many, actOf(deps, context));
  return jsonAnswer(200, { processed, more });
}

const MAX_IDS = 500;

function readMany(body: Json): ManySessions {
  const { action, ...named } = shaped(body, manyBody, 'ignored');
  const identities = [...new Set(named.identities)];
  const sessions = [...new Set(named.sessions)];
  if (identities.length > 0 === sessions.length > 0) {
    throw badRequest('Give either identities or sessions.');
  }
  if (identities.length + sessions.length > MAX_IDS)
    throw badRequest(`At most ${MAX_IDS} may be given at once.`);
  if (identities.length === 1 && identities[0] === '*') return { action, of: { kind: 'all' } };
  return sessions.length > 0
    ? { action, of: { kind: 'sessions', ids: sessions.map((text) => namedId<SessionId>(text)) } }
    : { action, of: { kind: 'identities', ids: identities.map((text) => namedId<IdentityId>(text)) } };
}

function namedId<Id extends string>(text: string): Id {
  const id = parseUuid<Id>(text);
  if (!id) throw badRequest(`"${text}" is not a UUID.`);
  return id;
}
