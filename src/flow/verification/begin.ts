// A verification that begins by itself: after registration, after a change of address, or before a sign-in may go on.
import type { AddressKey } from '../../identity/change/change.ts';
import type { FullIdentity, VerifiableAddress } from '../../identity/identity.ts';
import type { SessionId } from '../../lib/ids.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { withQuery } from '../../lib/url.ts';
import type { FlowDeps } from '../deps.ts';
import { patchFlow } from '../engine/patch.ts';
import type { Flow, FlowType } from '../flow.ts';
import type { BegunVerification } from '../hook/contract.ts';
import type { ContinueWith, Effect } from '../method/outcome.ts';
import { newProofFlow, proofMethod } from '../proof/start.ts';
import type { FlowRequest } from '../request.ts';

export interface Begun {
  readonly begun: readonly BegunVerification[];
  /** Store the flows and queue their messages; they belong into the transaction of the act that caused them. */
  readonly effects: readonly Effect[];
  /** The addresses that are written to. */
  readonly sent: readonly AddressKey[];
  /** The identity with those marked. */
  readonly identity: FullIdentity;
}

export interface Cause {
  readonly identity: FullIdentity;
  /** The flow that caused it: its address and return URL are taken over. */
  readonly origin: Flow;
  readonly request: FlowRequest;
  /** The anti-CSRF token that the browser will hold afterwards. */
  readonly csrfToken: string;
  /** `pending`: nobody wrote to it yet; `unverified`: written to or not. */
  readonly which: 'pending' | 'unverified';
  /** The session that the act began; a login challenge of the origin is answered with it. */
  readonly sessionId?: SessionId;
  /** Who has the address already. The verification only looks like one: nothing is sent, and nothing is proven by it. */
  readonly holder?: FullIdentity;
}

/**
 * Begins the verification of the first address that needs it, or of each where the configuration names every one. Nothing
 * is begun where verification is closed.
 */
export async function beginVerifications(deps: FlowDeps, cause: Cause): Promise<Begun> {
  const { settings } = deps;
  const needy = cause.identity.verifiableAddresses.filter(
    (held) =>
      !held.verified && held.value !== '' && (cause.which === 'unverified' || held.status === 'pending'),
  );
  const chosen = settings.isVerificationOpen
    ? needy.slice(0, settings.namesEveryVerification ? undefined : 1)
    : [];
  let out: Begun = { begun: [], effects: [], sent: [], identity: cause.identity };
  for (const address of chosen) {
    const next = await beginFor(deps, address, { ...cause, identity: out.identity });
    if (!next) continue;
    out = {
      begun: [...out.begun, next.begun],
      effects: [...out.effects, next.effect],
      sent: [...out.sent, { via: address.via, value: address.value }],
      identity: withStatus(out.identity, address, { status: 'sent', updatedAtMs: deps.clock.nowMs() }),
    };
  }
  return out;
}

function withStatus(
  identity: FullIdentity,
  address: VerifiableAddress,
  change: Pick<VerifiableAddress, 'status' | 'updatedAtMs'>,
): FullIdentity {
  const verifiableAddresses = identity.verifiableAddresses.map((held) =>
    held.id === address.id ? { ...held, ...change } : held,
  );
  return { ...identity, verifiableAddresses };
}

/** Begins the verification of one address; undefined where nothing more may be sent to it for now. */
export async function beginFor(
  deps: FlowDeps,
  address: VerifiableAddress,
  cause: Omit<Cause, 'which'>,
  own: Pick<Flow, 'internal' | 'identityId'> = { internal: {} },
): Promise<{ readonly begun: BegunVerification; readonly effect: Effect } | undefined> {
  const { step, method } = proofMethod(deps, 'verification');
  const flow: Flow = { ...originFlow(deps, cause), ...own };
  const { identity, holder, request } = cause;
  const of = { flow, address, identity: holder ?? identity, request, isPretence: holder !== undefined };
  const sent = await step.begin?.(of);
  if (!sent) return undefined;
  const begun = patchFlow(deps, flow, sent.patch, { method: method.name, order: (nodes) => nodes });
  return {
    begun: {
      flowId: flow.id,
      address: address.value,
      url: withQuery(deps.settings.uiUrl.verification, { flow: flow.id }),
    },
    effect: async (stores) => {
      await stores.flows.insert(begun);
      return sent.effect === undefined || sent.effect(stores);
    },
  };
}

/** What a client is told of a verification that was begun. Native apps open no page. */
export function showVerification(begun: BegunVerification, type: FlowType): ContinueWith {
  const { flowId, address, url } = begun;
  const flow = { id: flowId, verifiable_address: address };
  return { action: 'show_verification_ui', flow: type === 'api' ? flow : { ...flow, url } };
}

/** A verification flow of the origin's type. Its return URL may be another one than the origin's (docs/protocol/http.md 2.10). */
function originFlow(deps: FlowDeps, { origin, request, csrfToken, sessionId }: Omit<Cause, 'which'>): Flow {
  const url = new URL(origin.requestUrl);
  const after = url.searchParams.get('after_verification_return_to');
  if (after) {
    url.searchParams.delete('after_verification_return_to');
    url.searchParams.set('return_to', after);
  }
  const returnTo = after ?? origin.returnTo;
  const query = new URLSearchParams(returnTo === undefined ? {} : { return_to: returnTo });
  const flow = newProofFlow(deps, 'verification', origin.type, { ...request, query });
  return {
    ...flow,
    requestUrl: after ? url.href : origin.requestUrl,
    ...(origin.type === 'browser' ? { csrfDigest: tokenDigest(csrfToken) } : {}),
    ...(origin.loginChallenge === undefined ? {} : { loginChallenge: origin.loginChallenge }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(origin.transientPayload ? { transientPayload: origin.transientPayload } : {}),
  };
}
