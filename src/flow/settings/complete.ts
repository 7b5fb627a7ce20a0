// After a valid change: hooks, then identity, session and flow in one transaction, then the form again.

import type { EventKind } from '../../event/event.ts';
import { touchesSignIn } from '../../identity/assemble.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { IdentityConflict } from '../../identity/store.ts';
import * as messages from '../../protocol/messages.ts';
import { concurrentUpdate } from '../../protocol/refusals.ts';
import { addProof } from '../../session/lifecycle.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { asRejected, followStep } from '../engine/follow.ts';
import { onlyOnce } from '../engine/only-once.ts';
import { returnUrl } from '../engine/start.ts';
import { stoppedByHook } from '../engine/stopped.ts';
import type { Flow } from '../flow.ts';
import { type BegunVerification, effectsOf, type HookSummary, hooksFor, runHooks } from '../hook/contract.ts';
import type { Changed, ContinueWith } from '../method/outcome.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import type { SignedIn } from '../session/signed-in.ts';
import { beginVerifications, showVerification } from '../verification/begin.ts';
import { restartSettings } from './create.ts';
import { settingsOrder } from './nodes.ts';
import { postponeChange } from './postpone.ts';

interface Submitted {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly method: string;
  readonly active: SignedIn;
}

/** With the identity as it is to be stored. */
interface Prepared extends Submitted {
  readonly changed: FullIdentity;
}

export async function completeSettings(deps: FlowDeps, outcome: Changed, of: Prepared): Promise<FlowResult> {
  const { flow, request, active, changed } = of;
  const step = { ...of, order: settingsOrder(deps, active.identity), subject: active.identity };
  const context = {
    flow,
    request,
    identity: changed,
    previous: active.identity,
    session: active.session,
    atMs: deps.clock.nowMs(),
    composeNotice: deps.composeNotice,
    publicUrl: deps.settings.publicUrl,
  };
  const before = await runHooks(hooksFor(deps.hooks.settings, of.method, 'before'), 'before', {
    ...context,
    postpone: (address) => postponeChange(deps, address, of),
  });
  if (before.kind !== 'pass') return stoppedByHook(deps, before, { step, shown: submittedTraits(outcome) });
  const verification = await beginVerifications(deps, {
    identity: before.identity ?? changed,
    origin: flow,
    request,
    csrfToken: request.csrfToken,
    which: 'pending',
  });
  const { identity, begun } = verification;
  const together = await runHooks(hooksFor(deps.hooks.settings, of.method, 'together'), 'together', {
    ...context,
    identity,
  });
  const effects = [...before.effects, ...verification.effects, ...effectsOf(together)];
  const successor = await restartSettings(deps, identity)(flow, request);
  const { transientPayload, ...kept } = flow;
  const saved: Flow = {
    ...kept,
    state: 'success',
    form: {
      nodes: successor.form.nodes,
      messages: [messages.settingsSaved()],
      // What was saved is over: the form shown with the good news belongs to the next change.
      goesTo: {
        action: `${deps.settings.publicUrl}self-service/settings?flow=${successor.id}`,
        method: 'POST',
      },
    },
  };
  try {
    if (!(await persist(deps, outcome, { ...of, identity, saved, successor, effects }))) {
      return await followStep(deps, asRejected(messages.generic(concurrentUpdate().reason ?? '')), step);
    }
  } catch (error) {
    if (!(error instanceof IdentityConflict)) throw error;
    const refused = { ...asRejected(messages.duplicateIdentifier()), ...submittedTraits(outcome) };
    return followStep(deps, refused, step);
  }
  const after = await runHooks(hooksFor(deps.hooks.settings, of.method, 'after'), 'after', {
    ...context,
    // What the client gave for hooks is not stored with the flow, but it does reach them.
    flow: { ...saved, ...(transientPayload ? { transientPayload } : {}) },
    identity,
    ...(begun[0] ? { verification: begun[0] } : {}),
  });
  return answer(deps, {
    ...of,
    begun,
    flow: saved,
    identity,
    hooks: before,
    after: after.kind === 'pass' ? after : undefined,
  });
}

const submittedTraits = ({ traits }: Changed) => (traits ? { traits: traits.traits } : {});

/** True for exactly one of several submissions of the same flow. */
function persist(
  deps: FlowDeps,
  outcome: Changed,
  of: Submitted & {
    readonly identity: FullIdentity;
    readonly saved: Flow;
    readonly successor: Flow;
    readonly effects: HookSummary['effects'];
  },
): Promise<boolean> {
  const subject = { identityId: of.identity.id, sessionId: of.active.session.id };
  return onlyOnce(deps.database, async (stores) => {
    if (!(await stores.flows.save(of.saved))) return false;
    if (outcome.effect && !(await outcome.effect(stores))) return false;
    await stores.identities.update(of.identity);
    if (outcome.proof) {
      const when = { nowMs: deps.clock.nowMs(), lifespanMs: deps.settings.sessionLifespanMs };
      await stores.sessions.update(addProof(of.active.session, outcome.proof, when));
    }
    await stores.flows.insert(of.successor);
    for (const effect of of.effects) await effect(stores);
    for (const kind of eventKinds(outcome, of)) {
      await stores.events.append(securityEvent(deps, of, { kind, ...subject }));
    }
    return true;
  });
}

function eventKinds(
  outcome: Changed,
  of: { readonly active: SignedIn; readonly identity: FullIdentity },
): readonly EventKind[] {
  const changesAddresses = outcome.traits !== undefined && touchesSignIn(of.active.identity, of.identity);
  return [
    'settings.succeeded',
    ...(outcome.traits ? (['identity.updated'] as const) : []),
    ...(changesAddresses ? (['address.changed'] as const) : []),
    ...(outcome.credential ? (['credential.changed'] as const) : []),
    ...(outcome.removedCredential ? (['credential.removed'] as const) : []),
  ];
}

function answer(
  deps: FlowDeps,
  of: Submitted & {
    readonly identity: FullIdentity;
    readonly begun: readonly BegunVerification[];
    readonly hooks: HookSummary;
    readonly after: HookSummary | undefined;
  },
): FlowResult {
  const { flow, active } = of;
  const named = deps.settings.namesEveryVerification
    ? of.begun.map((begun) => showVerification(begun, flow.type))
    : [];
  const fromHooks: readonly ContinueWith[] = [
    ...of.hooks.continueWith,
    ...named,
    ...(of.after?.continueWith ?? []),
  ];
  const form = { kind: 'form', flow, subject: of.identity, jsonStatus: 200 } as const;
  if (flow.type === 'api') return { ...form, ...(fromHooks.length > 0 ? { continueWith: fromHooks } : {}) };
  const own = deps.settings.afterUrls.settings;
  const page = new URL(deps.settings.uiUrl.settings);
  page.searchParams.set('flow', flow.id);
  const returnTo = returnUrl(
    deps,
    flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to'),
    own.byMethod[of.method] ?? own.all ?? page.href,
  );
  const next: ContinueWith = { action: 'redirect_browser_to', redirect_browser_to: returnTo };
  return {
    ...form,
    continueWith: [...fromHooks, next],
    goTo: of.hooks.goTo ?? of.after?.goTo ?? returnTo,
    ...(active.from === 'cookie'
      ? { cookies: { session: { token: active.token, expiresAtMs: active.session.expiresAtMs } } }
      : {}),
  };
}
