// After the proof of a verification: the address is verified, and the form leads on to the application.

import { csrfNode, type Node } from '../../form/node.ts';
import { type Change, edit } from '../../identity/change/change.ts';
import { withChanges } from '../../identity/change/decide.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { tokenDigest } from '../../lib/secret.ts';
import * as messages from '../../protocol/messages.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { asRejected, followStep, withoutTransientPayload } from '../engine/follow.ts';
import { changeRules, planFor } from '../engine/plan.ts';
import { returnUrl } from '../engine/start.ts';
import { stoppedByHook, withHookError } from '../engine/stopped.ts';
import type { Submission } from '../engine/submission.ts';
import { lost, unit } from '../engine/unit.ts';
import type { Flow } from '../flow.ts';
import type { SettingsHookContext, VerificationHookContext } from '../hook/contract.ts';
import { runAfter, runBefore, runInTransaction } from '../hook/run.ts';
import type { Effect, Proven } from '../method/outcome.ts';
import { signInForChallenge } from '../oauth2/login-challenge.ts';
import { showStale, startOver } from '../proof/submit.ts';
import type { FlowResult } from '../result.ts';
import { goOnForChallenge } from './challenge.ts';
import { checkPendingChange, type PendingCheck } from './pending-change.ts';

export async function completeVerification(
  deps: FlowDeps,
  proven: Proven,
  of: Submission,
): Promise<FlowResult> {
  const { flow, request } = of;
  const nowMs = deps.clock.nowMs();
  const step = { ...of, order: (nodes: readonly Node[]) => nodes };
  const pending = await checkPendingChange(deps, flow, proven);
  if (pending.kind === 'stale') return showStale(deps, 'verification', proven, of);
  const change = pending.kind === 'ready' ? pending : undefined;
  const changes = change?.changes ?? (proven.address ? [edit(proven.identity).verify(proven.address)] : []);
  const identity = withChanges(proven.identity, changes, { rules: changeRules(deps), nowMs });
  const context = {
    kind: 'verification',
    flow,
    request,
    method: of.method,
    atMs: nowMs,
    identity,
  } as const;
  const hooks = await runBefore(deps, context);
  if (hooks.kind !== 'pass') return stoppedByHook(deps, hooks, { step });
  const settings = change && settingsContext(change, context, proven.identity);
  const passed = passedFlow(deps, proven, of);
  const done = { ...context, flow: passed };
  const effects = [
    ...hooks.effects,
    ...(await runInTransaction(deps, done)),
    ...(settings ? await runInTransaction(deps, settings) : []),
  ];
  const made = await persist(deps, proven, { ...of, passed, changes, change, effects });
  switch (made.kind) {
    case 'written':
      break;
    case 'lost': {
      const outcome = { message: messages.verificationAlreadyDone() };
      return startOver(deps, 'verification', { outcome, old: flow, request });
    }
    case 'taken':
      // Somebody else took the address while the change waited.
      return followStep(deps, asRejected(messages.duplicateIdentifier()), step);
    default:
      return showStale(deps, 'verification', proven, of);
  }
  const after = await runAfter(deps, done);
  const afterChange = settings && (await runAfter(deps, settings));
  const error = after.error ?? afterChange?.error;
  if (flow.loginChallenge) {
    return withHookError(await goOnForChallenge(deps, flow.loginChallenge, { flow, request, passed }), {
      error,
    });
  }
  const rotatesCsrf = proven.isFollowedLink && flow.type === 'browser' && !request.csrfFromCookie;
  const result: FlowResult = {
    kind: 'form',
    flow: withoutTransientPayload(passed),
    jsonStatus: 200,
    ...(rotatesCsrf ? { cookies: { rotatesCsrf } } : {}),
  };
  return withHookError(result, { error });
}

/** Written for exactly one of several submissions; the secret is used up, and with it all others of the flow. */
function persist(
  deps: FlowDeps,
  proven: Proven,
  of: Submission & {
    readonly passed: Flow;
    readonly changes: readonly Change[];
    readonly change: Extract<PendingCheck, { kind: 'ready' }> | undefined;
    readonly effects: readonly Effect[];
  },
) {
  const { passed, change } = of;
  const identityId = proven.identity.id;
  const plan = planFor(deps, of, {
    identityId,
    changes: of.changes,
    guard: change
      ? { state: 'active', session: change.session.id }
      : { holds: proven.address ? [{ ...proven.address, as: 'verifiable' }] : [] },
  });
  return unit(deps.database, async (stores) => {
    if (!(await stores.flows.save(passed)) || !(await proven.effect(stores))) return lost;
    const written = await stores.identities.apply(plan);
    if (written.kind !== 'written') return written;
    await stores.secrets.deleteOfFlow(passed.id);
    for (const effect of of.effects) await effect(stores);
    const succeeded = { kind: 'verification.succeeded', identityId } as const;
    await stores.events.append(securityEvent(deps, of, succeeded));
    return written;
  });
}

/** For the hooks of the settings in which the change was made; they run now that it is written. */
function settingsContext(
  { change, session }: Extract<PendingCheck, { kind: 'ready' }>,
  verified: VerificationHookContext,
  previous: FullIdentity,
): SettingsHookContext {
  return {
    ...verified,
    kind: 'settings',
    method: change.method,
    session,
    previous,
    verification: undefined,
    postpone: undefined,
  };
}

/** The finished flow: nothing to fill in any more, only the way on. */
function passedFlow(deps: FlowDeps, proven: Proven, { flow, request, method }: Submission): Flow {
  const { settings } = deps;
  const goOn = returnUrl(
    deps,
    flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to'),
    settings.afterUrls.verification.all ?? settings.defaultReturnUrl,
  );
  const message = proven.address?.via === 'sms' ? messages.phoneVerified() : messages.emailVerified();
  const label = messages.continueLabel();
  const way: Node = {
    type: 'a',
    group: method,
    attributes: {
      node_type: 'a',
      id: 'continue',
      // Whoever verified in another browser signs in there for the OAuth2 server.
      href: flow.loginChallenge ? signInForChallenge(deps, flow.loginChallenge) : goOn,
      title: label,
    },
    messages: [],
    meta: { label },
  };
  // Whoever opens the link in another browser is to see the page there.
  const opener = request.csrfFromCookie ? request.csrfToken : request.nextCsrfToken;
  return {
    ...flow,
    state: 'passed_challenge',
    ...(proven.isFollowedLink && flow.type === 'browser' ? { csrfDigest: tokenDigest(opener) } : {}),
    form: { nodes: [csrfNode, way], messages: [message], goesTo: { action: goOn, method: 'GET' } },
  };
}
