// After a valid registration: hooks, then identity, session and flow in one transaction, then where to go.

import { flattenTraits } from '../../form/trait-nodes.ts';
import { assembleIdentity } from '../../identity/assemble.ts';
import { withVerified } from '../../identity/change/decide.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { identityToJson } from '../../identity/view.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { Message } from '../../protocol/message.ts';
import * as messages from '../../protocol/messages.ts';
import { beginSession, newSessionToken } from '../../session/lifecycle.ts';
import type { Session } from '../../session/session.ts';
import { sessionToJson } from '../../session/view.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { replaceFlow } from '../engine/expiry.ts';
import { followStep } from '../engine/follow.ts';
import { afterUrl } from '../engine/start.ts';
import { stoppedByHook } from '../engine/stopped.ts';
import type { Submission } from '../engine/submission.ts';
import { lost, unit } from '../engine/unit.ts';
import { type BegunVerification, type HookSummary, hooksFor, runHooks } from '../hook/contract.ts';
import { countFactors, ownIdentifierTypes } from '../method/factors.ts';
import { type ContinueWith, type Registered, rejected } from '../method/outcome.ts';
import type { FlowResult } from '../result.ts';
import { beginVerifications, showVerification } from '../verification/begin.ts';
import { restartRegistration } from './create.ts';
import { registrationOrder } from './nodes.ts';

export async function completeRegistration(
  deps: FlowDeps,
  outcome: Registered,
  of: Submission,
): Promise<FlowResult> {
  const { flow, request } = of;
  const step = { ...of, order: registrationOrder(deps, flow) };
  const echo = flattenTraits(outcome.traits.traits, 'traits');
  const nowMs = deps.clock.nowMs();
  const drafted = assembleIdentity({
    traits: outcome.traits,
    credentials: [outcome.credential],
    nowMs,
    ownIdentifiers: ownIdentifierTypes(deps.methods),
  });
  const assembled = outcome.address ? withVerified(drafted, outcome.address, nowMs) : drafted;
  const before = await runHooks(hooksFor(deps.hooks.registration, of.method, 'before'), 'before', {
    flow,
    request,
    atMs: nowMs,
    identity: assembled,
  });
  if (before.kind !== 'pass') return stoppedByHook(deps, before, { step, shown: { echo } });
  const verification = await beginVerifications(deps, {
    identity: before.identity ?? assembled,
    origin: flow,
    request,
    csrfToken: request.nextCsrfToken,
    which: 'pending',
  });
  const { identity, begun } = verification;
  const session = before.signsIn
    ? beginSession({
        identityId: identity.id,
        proof: outcome.proof,
        device: request.device,
        nowMs,
        lifespanMs: deps.settings.sessionLifespanMs,
      })
    : undefined;
  const token = newSessionToken();
  const effects = [...before.effects, ...verification.effects];
  const made = { ...of, outcome, identity, begun, session, token, effects };
  const stored = await persist(deps, made);
  if (stored.kind === 'lost') {
    const restart = restartRegistration(deps);
    return replaceFlow(deps, flow, { request, restart, message: messages.registrationExpired });
  }
  if (stored.kind === 'taken') {
    const problem = await duplicateMessage(deps, identity);
    return followStep(deps, { ...rejected(problem, undefined, outcome.patchOnConflict), echo }, step);
  }
  const after = await runHooks(hooksFor(deps.hooks.registration, of.method, 'after'), 'after', {
    flow,
    request,
    atMs: nowMs,
    identity,
    ...(session ? { session } : {}),
    ...(begun[0] ? { verification: begun[0] } : {}),
  });
  return answer(deps, { ...made, hooks: before, after: after.kind === 'pass' ? after : undefined });
}

interface Made extends Submission {
  readonly begun: readonly BegunVerification[];
  readonly outcome: Registered;
  readonly identity: FullIdentity;
  readonly session: Session | undefined;
  readonly token: string;
}

/** Written for exactly one of several submissions of the same flow. A taken identifier takes everything back. */
function persist(deps: FlowDeps, made: Made & { readonly effects: HookSummary['effects'] }) {
  const { identity, session } = made;
  const subject = { identityId: identity.id, ...(session ? { sessionId: session.id } : {}) };
  return unit(deps.database, async (stores) => {
    if (!(await stores.flows.consume(made.flow.id))) return lost;
    if (made.outcome.effect && !(await made.outcome.effect(stores))) return lost;
    await stores.identities.insert(identity);
    if (session) await stores.sessions.insert(session, tokenDigest(made.token));
    for (const effect of made.effects) await effect(stores);
    await stores.events.append(
      securityEvent(deps, made, { kind: 'identity.created', identityId: identity.id }),
    );
    await stores.events.append(securityEvent(deps, made, { kind: 'registration.succeeded', ...subject }));
    if (session)
      await stores.events.append(securityEvent(deps, made, { kind: 'session.issued', ...subject }));
    return { kind: 'written' } as const;
  });
}

/** Says that the account exists; with hints also how its person signs in (docs/protocol/methods.md section 17). */
async function duplicateMessage(deps: FlowDeps, wanted: FullIdentity): Promise<Message> {
  if (!deps.settings.hintsAtCredentials) return messages.duplicateIdentifier();
  const identifiers = Object.values(wanted.credentials).flatMap((credential) =>
    credential.identifiers.map((identifier) => ({ type: credential.type, identifier })),
  );
  const addresses = [...wanted.verifiableAddresses, ...wanted.recoveryAddresses];
  const holder = await deps.database.stores.identities.findHolder({ identifiers, addresses });
  if (!holder) return messages.duplicateIdentifier();
  const usable = Object.values(holder.credentials).filter((credential) => {
    const count = countFactors([credential], deps.methods);
    return count.first + count.second > 0;
  });
  const held = new Set(Object.values(holder.credentials).flatMap((credential) => credential.identifiers));
  const hint = identifiers.find(({ identifier }) => held.has(identifier))?.identifier ?? '';
  return messages.duplicateWithHints({
    availableCredentialTypes: usable.map((credential) => credential.type).sort(),
    availableOidcProviders: [],
    credentialIdentifierHint: hint,
  });
}

function answer(
  deps: FlowDeps,
  made: Made & { readonly hooks: HookSummary; readonly after: HookSummary | undefined },
): FlowResult {
  const { flow, session } = made;
  const identity = identityToJson(made.identity, { publicUrl: deps.settings.publicUrl });
  const named = deps.settings.namesEveryVerification
    ? made.begun.map((begun) => showVerification(begun, flow.type))
    : [];
  const fromHooks: readonly ContinueWith[] = [
    ...made.hooks.continueWith,
    ...named,
    ...(made.after?.continueWith ?? []),
  ];
  const shown = session && {
    session: sessionToJson(session, { nowMs: deps.clock.nowMs(), identity, identityState: 'active' }),
  };
  if (flow.type === 'api') {
    const token: readonly ContinueWith[] = session
      ? [{ action: 'set_ory_session_token', ory_session_token: made.token }]
      : [];
    const continueWith = [...fromHooks, ...token];
    return {
      kind: 'done',
      json: {
        ...(shown ? { session_token: made.token, ...shown } : {}),
        identity,
        continue_with: continueWith.length > 0 ? continueWith : null,
      },
    };
  }
  const returnTo = afterUrl(deps, flow, made.method);
  const next: ContinueWith = { action: 'redirect_browser_to', redirect_browser_to: returnTo };
  return {
    kind: 'done',
    json: { ...shown, identity, continue_with: [next, ...fromHooks] },
    goTo: made.hooks.goTo ?? made.after?.goTo ?? returnTo,
    ...(session || made.begun.length > 0
      ? {
          cookies: {
            ...(session ? { session: { token: made.token, expiresAtMs: session.expiresAtMs } } : {}),
            rotatesCsrf: true,
          },
        }
      : {}),
  };
}
