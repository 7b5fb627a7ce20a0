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
import { asFinished, finishedFlow } from '../engine/sent-again.ts';
import { afterUrl } from '../engine/start.ts';
import { stoppedByHook, withHookError } from '../engine/stopped.ts';
import type { FormSubmission, Submission } from '../engine/submission.ts';
import { lost, unit } from '../engine/unit.ts';
import type { Finished } from '../flow.ts';
import type { BegunVerification } from '../hook/contract.ts';
import { type AfterSummary, type HookSummary, runAfter, runBefore, runInTransaction } from '../hook/run.ts';
import { countFactors, ownIdentifierTypes } from '../method/factors.ts';
import {
  type ContinueWith,
  type Registered,
  rejected,
  type SignInHints,
  type Taken,
} from '../method/outcome.ts';
import { leaveForServer } from '../oauth2/login-challenge.ts';
import type { CookieChanges, FlowResult } from '../result.ts';
import { beginVerifications, showVerification } from '../verification/begin.ts';
import { registrationSentAgain } from './again.ts';
import { concealedAddress, leadToVerification, persistPretence, prepareOwnersNotice } from './conceal.ts';
import { restartRegistration } from './create.ts';
import { registrationOrder } from './nodes.ts';

export async function completeRegistration(
  deps: FlowDeps,
  outcome: Registered,
  of: Submission,
  isSecondTry = false,
): Promise<FlowResult> {
  const { flow, request } = of;
  const step = { ...of, order: registrationOrder(deps, flow) };
  const echo = flattenTraits(outcome.traits.traits, 'traits');
  const nowMs = deps.clock.nowMs();
  const concealed = concealedAddress(deps, outcome);
  const held = concealed === undefined ? undefined : outcome.heldUntilProven?.(concealed);
  const drafted = assembleIdentity({
    traits: outcome.traits,
    credentials: [held ?? outcome.credential],
    nowMs,
    ownIdentifiers: ownIdentifierTypes(deps.methods),
    ...(outcome.metadataPublic === undefined ? {} : { metadataPublic: outcome.metadataPublic }),
    ...(outcome.metadataAdmin === undefined ? {} : { metadataAdmin: outcome.metadataAdmin }),
  });
  const assembled = (outcome.addresses ?? []).reduce<FullIdentity>(
    (identity, address) => withVerified(identity, address, nowMs),
    drafted,
  );
  const context = { kind: 'registration', flow, request, method: of.method, atMs: nowMs } as const;
  const before = await runBefore(deps, {
    ...context,
    identity: assembled,
    session: undefined,
    verification: undefined,
  });
  if (before.kind !== 'pass') return stoppedByHook(deps, before, { step, shown: { echo } });
  // A session at once would tell that the address is new.
  const session =
    before.signsIn && concealed === undefined
      ? beginSession({
          identityId: assembled.id,
          proof: outcome.proof,
          device: request.device,
          nowMs,
          lifespanMs: deps.settings.sessionLifespanMs,
        })
      : undefined;
  const holder = concealed === undefined ? undefined : (await findHolder(deps, before.identity)).holder;
  const verification = await beginVerifications(deps, {
    identity: before.identity,
    origin: flow,
    request,
    csrfToken: request.nextCsrfToken,
    which: 'pending',
    ...(holder ? { holder } : {}),
    ...(session ? { sessionId: session.id } : {}),
  });
  const { identity, begun } = verification;
  const token = newSessionToken();
  const inTransaction = await runInTransaction(deps, {
    ...context,
    identity,
    session,
    verification: begun[0],
  });
  const effects = [...before.effects, ...verification.effects, ...inTransaction];
  const made = { ...of, outcome, identity, begun, session, token, effects };
  const stored =
    holder && concealed !== undefined
      ? await persistPretence(deps, {
          ...of,
          finished: finishedBy(deps, made),
          effects: verification.effects,
          notice: await prepareOwnersNotice(deps, { holder, address: concealed }),
        })
      : await persist(deps, made);
  if (stored.kind === 'lost') {
    const sent = await finishedFlow(deps, 'registration', request);
    if (sent && sent.type === 'browser') return registrationSentAgain(deps, sent, request);
    const restart = restartRegistration(deps);
    return replaceFlow(deps, flow, { request, restart, message: messages.registrationExpired });
  }
  if (stored.kind === 'taken') {
    // Somebody took the address a moment ago, and is found now.
    if (concealed !== undefined && !isSecondTry) return completeRegistration(deps, outcome, of, true);
    return followTaken(deps, outcome, { identity, step });
  }
  const told = holder
    ? undefined
    : await runAfter(deps, { ...context, identity, session, verification: begun[0] });
  if (concealed !== undefined && told?.error) {
    deps.log.error('a hook refused after a concealed registration', { error: told.error });
  }
  const after = told && concealed === undefined ? told : leadToVerification(deps, made);
  if (after.goTo !== undefined) {
    const kept = asFinished(flow, { ...finishedBy(deps, made), goTo: after.goTo });
    await deps.database.transaction((stores) => stores.flows.keepConsumed(kept));
  }
  const result = withHookError(await answer(deps, { ...made, hooks: before, after }), after);
  return concealed !== undefined && result.kind === 'done' ? { ...result, isConcealed: true } : result;
}

/** Somebody has the identifier: the method says what follows, or the form does. */
async function followTaken(
  deps: FlowDeps,
  outcome: Registered,
  of: { readonly identity: FullIdentity; readonly step: FormSubmission },
): Promise<FlowResult> {
  const taken = await findHolder(deps, of.identity);
  const own = await outcome.ifTaken?.(taken);
  if (own) return followStep(deps, own, of.step);
  const refused = rejected(duplicateMessage(taken), undefined, outcome.patchIfTaken);
  return followStep(deps, { ...refused, echo: flattenTraits(outcome.traits.traits, 'traits') }, of.step);
}

interface Made extends Submission {
  readonly begun: readonly BegunVerification[];
  readonly outcome: Registered;
  readonly identity: FullIdentity;
  readonly session: Session | undefined;
  readonly token: string;
}

const finishedBy = (deps: FlowDeps, { method, identity, session }: Made): Finished => ({
  atMs: deps.clock.nowMs(),
  method,
  identityId: identity.id,
  ...(session ? { sessionId: session.id } : {}),
});

/** Written for exactly one of several submissions of the same flow. A taken identifier takes everything back. */
function persist(deps: FlowDeps, made: Made & { readonly effects: HookSummary['effects'] }) {
  const { identity, session } = made;
  const subject = { identityId: identity.id, ...(session ? { sessionId: session.id } : {}) };
  return unit(deps.database, async (stores) => {
    const finished = finishedBy(deps, made);
    if (!(await stores.flows.consume(made.flow.id, asFinished(made.flow, finished)))) return lost;
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

/** Who has what the new person wanted, and which identifier both have. */
async function findHolder(deps: FlowDeps, wanted: FullIdentity): Promise<Taken> {
  const identifiers = Object.values(wanted.credentials).flatMap((credential) =>
    credential.identifiers.map((identifier) => ({ type: credential.type, identifier })),
  );
  const addresses = [...wanted.verifiableAddresses, ...wanted.recoveryAddresses];
  const holder = await deps.database.stores.identities.findHolder({ identifiers, addresses });
  const held = new Set(Object.values(holder?.credentials ?? {}).flatMap((own) => own.identifiers));
  const shared =
    identifiers.find(({ identifier }) => held.has(identifier))?.identifier ??
    addresses.find(({ via, value }) =>
      holder?.verifiableAddresses.some((own) => own.via === via && own.value === value),
    )?.value;
  const hints = holder && hintsAt(deps, holder);
  return { holder, identifier: shared ?? '', ...(hints ? { hints } : {}) };
}

function hintsAt(deps: FlowDeps, holder: FullIdentity): SignInHints | undefined {
  if (!deps.settings.hintsAtCredentials) return undefined;
  const credentials = Object.values(holder.credentials).filter((credential) => {
    const count = countFactors([credential], deps.methods);
    return count.first + count.second > 0;
  });
  const providers = credentials.flatMap(
    (credential) => deps.methods.find(({ name }) => name === credential.type)?.providersOf(credential) ?? [],
  );
  return {
    availableCredentialTypes: credentials.map((credential) => credential.type).sort(),
    availableProviders: [...providers].sort(),
  };
}

/** Says that the account exists; with hints also how its person signs in (docs/protocol/methods.md section 17). */
function duplicateMessage({ identifier, hints }: Taken): Message {
  if (!hints) return messages.duplicateIdentifier();
  return messages.duplicateWithHints({
    availableCredentialTypes: hints.availableCredentialTypes,
    availableOidcProviders: hints.availableProviders,
    credentialIdentifierHint: identifier,
  });
}

async function answer(
  deps: FlowDeps,
  made: Made & { readonly hooks: HookSummary; readonly after: AfterSummary },
): Promise<FlowResult> {
  const { flow, session } = made;
  const identity = identityToJson(made.identity, { publicUrl: deps.settings.publicUrl });
  const named = deps.settings.namesEveryVerification
    ? made.begun.map((begun) => showVerification(begun, flow.type))
    : [];
  const fromHooks: readonly ContinueWith[] = [
    ...made.hooks.continueWith,
    ...named,
    ...made.after.continueWith,
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
      ...(session ? { knownTo: made.identity.id } : {}),
    };
  }
  const cookies: CookieChanges | undefined =
    session || made.begun.length > 0
      ? {
          ...(session ? { session: { token: made.token, expiresAtMs: session.expiresAtMs } } : {}),
          ...(session ? { knownTo: made.identity.id } : {}),
          rotatesCsrf: true,
        }
      : undefined;
  // Where the person verifies an address first, the verification answers the challenge.
  if (flow.loginChallenge && made.after.goTo === undefined) {
    const left = await leaveForServer(deps, flow.loginChallenge, {
      identityId: made.identity.id,
      session,
      authMethods: [made.outcome.proof],
      ...(cookies ? { cookies } : {}),
    });
    if (left.kind !== 'goto') return left;
    const onward: ContinueWith = { action: 'redirect_browser_to', redirect_browser_to: left.url };
    return {
      kind: 'done',
      json: { ...shown, identity, continue_with: [...fromHooks, onward] },
      goTo: left.url,
      ...(cookies ? { cookies } : {}),
    };
  }
  const returnTo = afterUrl(deps, flow, made.method);
  const next: ContinueWith = { action: 'redirect_browser_to', redirect_browser_to: returnTo };
  return {
    kind: 'done',
    json: { ...shown, identity, continue_with: [next, ...fromHooks] },
    goTo: made.after.goTo ?? returnTo,
    ...(cookies ? { cookies } : {}),
  };
}
