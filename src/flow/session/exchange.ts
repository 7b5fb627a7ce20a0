// A native app signs somebody in through the system browser, and fetches the session with the two codes that it got on the way.
import { isTrue } from '../../lib/bool.ts';
import { randomAlphanumeric, tokenDigest } from '../../lib/secret.ts';
import { withQuery } from '../../lib/url.ts';
import { notFound } from '../../protocol/refusals.ts';
import type { ActiveSession } from '../../session/authenticate.ts';
import type { FlowDeps } from '../deps.ts';
import { returnUrl } from '../engine/start.ts';
import type { Flow, FlowKind, FlowType } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import type { ExchangePair } from './exchange-store.ts';
import { activeSession } from './signed-in.ts';

/** 62^64: as Kratos makes them. */
const CODE_LENGTH = 64;
/** An app that does not come back within an hour starts again. */
const LIFESPAN_MS = 60 * 60_000;

/** True where a native app asks for an exchange. Registration takes the literal `true` only. */
function isWanted(kind: FlowKind, type: FlowType, { query }: FlowRequest): boolean {
  const asked = query.get('return_session_token_exchange_code');
  return type === 'api' && (kind === 'registration' ? asked === 'true' : isTrue(asked));
}

export interface BegunExchange {
  /** In clear; it is kept nowhere. */
  readonly code: string;
  readonly initDigest: string;
}

/** The first code, where the start of a flow asks for one. */
export function beginExchange(
  kind: FlowKind,
  type: FlowType,
  request: FlowRequest,
): BegunExchange | undefined {
  if (!isWanted(kind, type, request)) return undefined;
  const code = randomAlphanumeric(CODE_LENGTH);
  return { code, initDigest: tokenDigest(code) };
}

export async function keepExchange(deps: FlowDeps, begun: BegunExchange | undefined): Promise<void> {
  if (!begun) return;
  const expiresAtMs = deps.clock.nowMs() + LIFESPAN_MS;
  await deps.database.stores.exchanges.insert({ initDigest: begun.initDigest, expiresAtMs });
}

/**
 * What the system browser is answered when it comes back for a native app: on to the app with the second code, whatever
 * became of the attempt. The app then asks for the session, or for the form.
 */
export async function backToApp(deps: FlowDeps, from: Flow, result: FlowResult): Promise<FlowResult> {
  if (from.type !== 'api' || from.exchange === undefined) return result;
  if (result.kind !== 'done' && result.kind !== 'form') return result;
  const code = randomAlphanumeric(CODE_LENGTH);
  const token = result.kind === 'done' ? result.json['session_token'] : undefined;
  const flow = result.kind === 'form' ? result.flow : undefined;
  await deps.database.stores.exchanges.answer(from.exchange, {
    returnDigest: tokenDigest(code),
    flow: flow && { id: flow.id, kind: flow.kind },
    sealedToken: typeof token === 'string' ? deps.stateSealer.seal(token) : undefined,
  });
  const to = returnUrl(deps, from.returnTo, deps.settings.defaultReturnUrl);
  const isOther = flow !== undefined && (flow.kind === 'registration' || flow.id !== from.id);
  return { kind: 'moved', url: withQuery(to, { code, ...(isOther ? { flow: flow.id } : {}) }) };
}

export type Exchanged =
  | { readonly kind: 'session'; readonly token: string; readonly active: ActiveSession }
  /** Nobody is signed in yet: the form that the person has to complete. */
  | { readonly kind: 'flow'; readonly flow: Flow };

/** Answers GET /sessions/token-exchange. A pair gives its session once. */
export async function exchangeToken(
  deps: FlowDeps,
  codes: { readonly init: string; readonly back: string },
): Promise<Exchanged> {
  const { exchanges, flows } = deps.database.stores;
  const pair: ExchangePair = {
    initDigest: tokenDigest(codes.init),
    returnDigest: tokenDigest(codes.back),
    nowMs: deps.clock.nowMs(),
  };
  const sealed = await exchanges.take(pair);
  const token = sealed === undefined ? undefined : deps.stateSealer.open(sealed);
  if (token !== undefined) {
    const active = await activeSession(deps, { headerToken: token });
    if (active) return { kind: 'session', token, active };
  }
  const key = await exchanges.findFlow(pair);
  const flow = key && (await flows.find(key.kind, key.id));
  if (flow) return { kind: 'flow', flow };
  throw notFound('No session was found for these codes.');
}
