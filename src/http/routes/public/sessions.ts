// Who am I, what else of mine is signed in, and ending it (docs/protocol/http.md section 4).

import type { FlowDeps } from '../../../flow/deps.ts';
import { exchangeToken } from '../../../flow/session/exchange.ts';
import {
  otherSessions,
  revokeOtherSession,
  revokeOtherSessions,
  whoami,
  whoamiCacheS,
} from '../../../flow/session/own-sessions.ts';
import { isLevelEnough } from '../../../flow/session/signed-in.ts';
import { flowToJson } from '../../../flow/view.ts';
import { identityText, identityToJson, identityToListJson } from '../../../identity/view.ts';
import type { JsonObject } from '../../../lib/json.ts';
import type { SessionWithIdentity, ShownSession } from '../../../session/store.ts';
import type { Tokenizer } from '../../../session/tokenizer.ts';
import { sessionText, sessionToJson } from '../../../session/view.ts';
import type { Cookies } from '../../guard/cookies.ts';
import { offsetHeaders, readOffsetPage } from '../../paging/offset-pages.ts';
import { emptyJsonAnswer, type HttpAnswer, jsonAnswer, jsonTextAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import { presentedCredentials } from '../../port/flow-request.ts';
import type { Route } from '../../port/route.ts';

export interface SessionRouteDeps {
  readonly flow: FlowDeps;
  readonly cookies: Cookies;
  readonly tokenizer: Tokenizer;
}

export function sessionRoutes(deps: SessionRouteDeps): readonly Route[] {
  const ask = (context: HttpContext) => answerWhoami(deps, context);
  const anyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
  return [
    ...anyMethod.map((method): Route => ({ method, path: '/sessions/whoami', bucket: 'high', handle: ask })),
    {
      method: 'GET',
      path: '/sessions/token-exchange',
      bucket: 'medium',
      handle: (context) => exchanged(deps, context),
    },
    { method: 'GET', path: '/sessions', bucket: 'medium', handle: (context) => list(deps, context) },
    {
      method: 'DELETE',
      path: '/sessions',
      bucket: 'low',
      handle: async (context) =>
        jsonAnswer(200, { count: await revokeOtherSessions(deps.flow, callerOf(deps, context)) }),
    },
    {
      method: 'DELETE',
      path: '/sessions/{id}',
      bucket: 'low',
      handle: async (context) => {
        await revokeOtherSession(deps.flow, callerOf(deps, context), context.params['id'] ?? '');
        return emptyJsonAnswer;
      },
    },
  ];
}

function callerOf({ cookies }: SessionRouteDeps, context: HttpContext) {
  return {
    credentials: presentedCredentials(context, cookies),
    clientIp: context.clientIp,
    requestId: context.requestId,
  };
}

/** The session of a native app, or the form that its person has to complete first (422). */
async function exchanged({ flow }: SessionRouteDeps, context: HttpContext): Promise<HttpAnswer> {
  const { publicUrl } = flow.settings;
  const [init, back] = ['init_code', 'return_to_code'].map((name) => context.query.get(name) ?? '');
  const result = await exchangeToken(flow, { init: init ?? '', back: back ?? '' });
  if (result.kind === 'flow') return jsonAnswer(422, flowToJson(result.flow, { publicUrl, csrfToken: '' }));
  const { active, token } = result;
  const isEnough = isLevelEnough(flow, active, flow.settings.whoamiAal);
  const identity = isEnough ? identityToJson(active.identity, { publicUrl }) : null;
  const nowMs = flow.clock.nowMs();
  const session = sessionToJson(active.session, { nowMs, identity, identityState: active.identity.state });
  // Kratos names no devices here: the one that signed in is the system browser, not the app that asks.
  return jsonAnswer(200, { session_token: token, session: { ...session, devices: [] } });
}

async function answerWhoami(deps: SessionRouteDeps, context: HttpContext): Promise<HttpAnswer> {
  const { flow, cookies } = deps;
  const presented = presentedCredentials(context, cookies);
  const active = await whoami(flow, presented);
  const template = context.search === '' ? undefined : context.query.get('tokenize_as');
  const { session, identity } = active;
  const text = sessionText(session, {
    nowMs: flow.clock.nowMs(),
    identity: identityText(identity, { publicUrl: flow.settings.publicUrl }),
    identityState: identity.state,
  });
  // A token is made for the moment: a proxy must not hand it out again.
  const cacheS = template ? undefined : whoamiCacheS(flow, active);
  const shown = template ? await withToken(deps, template, active, text) : text;
  const answer = jsonTextAnswer(200, shown, {
    'X-Kratos-Authenticated-Identity-Id': active.identity.id,
    ...(cacheS === undefined ? {} : { 'Ory-Session-Cache-For': String(cacheS) }),
  });
  // A session that was extended outlives its cookie, and one that was sealed with an older secret is to be sealed anew. Only the cookie that names this very session is renewed.
  const isStale =
    active.from === 'cookie' && (presented.cookie?.expiresAtMs ?? 0) < active.session.expiresAtMs;
  if (!isStale) return answer;
  const renewed = cookies.session(
    { token: active.token, expiresAtMs: active.session.expiresAtMs },
    flow.clock.nowMs(),
  );
  return { ...answer, cookies: [renewed] };
}

/** The session with a signed token beside it. */
async function withToken(
  { tokenizer }: SessionRouteDeps,
  template: string,
  { session, identity }: Pick<ShownSession, 'session' | 'identity'>,
  text: string,
): Promise<string> {
  const view = JSON.parse(text) as JsonObject; // sessionText writes an object
  const tokenized = await tokenizer.tokenize(template, {
    sessionId: session.id,
    identityId: identity.id,
    externalId: identity.externalId,
    view,
  });
  return JSON.stringify({ ...view, tokenized });
}

async function list(deps: SessionRouteDeps, context: HttpContext): Promise<HttpAnswer> {
  const page = readOffsetPage(context.query);
  const { sessions, total } = await otherSessions(deps.flow, presentedCredentials(context, deps.cookies), {
    offset: page.offset,
    limit: page.size,
  });
  const shown = sessions.map((session) => toListJson(deps.flow, session));
  return jsonAnswer(
    200,
    shown,
    offsetHeaders({ path: context.path, query: new URLSearchParams() }, page, total),
  );
}

function toListJson(
  flow: FlowDeps,
  { session, identity }: Pick<SessionWithIdentity, 'session' | 'identity'>,
): JsonObject {
  return sessionToJson(session, {
    nowMs: flow.clock.nowMs(),
    identity: identityToListJson(identity, { publicUrl: flow.settings.publicUrl }),
    identityState: identity.state,
  });
}
