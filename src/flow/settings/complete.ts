// After a valid change: hooks, then person, session and flow in one transaction, then the form again.
import { type Change, edit } from '../../identity/change/change.ts';
import { withChanges } from '../../identity/change/decide.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import * as messages from '../../protocol/messages.ts';
import { concurrentUpdate, noSession } from '../../protocol/refusals.ts';
import { addProof } from '../../session/lifecycle.ts';
import type { FlowDeps } from '../deps.ts';
import { asRejected, followStep } from '../engine/follow.ts';
import { changeRules } from '../engine/plan.ts';
import { stoppedByHook, withHookError } from '../engine/stopped.ts';
import type { FormSubmission, Submission } from '../engine/submission.ts';
import type { Flow } from '../flow.ts';
import type { SettingsHookContext } from '../hook/contract.ts';
import { changesByHooks } from '../hook/person-changes.ts';
import { runAfter, runBefore, runInTransaction } from '../hook/run.ts';
import { type Changed, rejected } from '../method/outcome.ts';
import type { FlowResult } from '../result.ts';
import type { SignedIn } from '../session/signed-in.ts';
import { beginVerifications } from '../verification/begin.ts';
import { settingsAnswer } from './answer.ts';
import { restartSettings } from './create.ts';
import { settingsOrder } from './nodes.ts';
import { postponeChange } from './postpone.ts';
import { type SettingsSaved, saveSettings } from './save.ts';

/** A proof that came with the change gives the session a new end, which the cookie has to say too. */
function provenSession(deps: FlowDeps, { proof }: Changed, active: SignedIn): SignedIn {
  if (!proof) return active;
  const when = { nowMs: deps.clock.nowMs(), lifespanMs: deps.settings.sessionLifespanMs };
  return { ...active, session: addProof(active.session, proof, when) };
}

export interface SettingsSubmission extends Submission {
  readonly active: SignedIn;
  /** Came by a callback instead of a form. */
  readonly isCallback?: true;
  /** Decides once more with the person as they are now; absent where that was tried often enough. */
  readonly again?: (() => Promise<FlowResult>) | undefined;
}

/** `changed`: the person as the change leaves them. */
export async function completeSettings(
  deps: FlowDeps,
  outcome: Changed,
  of: SettingsSubmission & { readonly changed: FullIdentity },
): Promise<FlowResult> {
  const { flow, request, active, changed } = of;
  const step = { ...of, order: settingsOrder(deps, active.identity), subject: active.identity };
  const shown = submittedTraits(outcome);
  const context: SettingsHookContext = {
    kind: 'settings',
    flow,
    request,
    method: of.method,
    identity: changed,
    previous: active.identity,
    session: active.session,
    atMs: deps.clock.nowMs(),
    verification: undefined,
    postpone: (address) => postponeChange(deps, address, of),
  };
  const before = await runBefore(deps, context);
  if (before.kind !== 'pass') return stoppedByHook(deps, before, { step, shown });
  const byHooks = changesByHooks(deps, active.identity, {
    shown: changed,
    wanted: before.identity,
  });
  if (!byHooks.ok) return followStep(deps, { ...shown, kind: 'rejected', problems: byHooks.problems }, step);
  const verification = await beginVerifications(deps, {
    identity: preview(deps, changed, byHooks.changes),
    origin: flow,
    request,
    csrfToken: request.csrfToken,
    which: 'pending',
  });
  const { identity } = verification;
  const forms = await savedForms(deps, flow, { ...of, identity });
  // What the client gave for hooks is not stored with the flow, but it does reach them.
  const given = flow.transientPayload ? { transientPayload: flow.transientPayload } : {};
  const done = { ...context, flow: { ...forms.saved, ...given } };
  const inTransaction = await runInTransaction(deps, { ...done, identity });
  const saved = await saveSettings(deps, outcome, {
    ...of,
    ...forms,
    changes: [...outcome.changes, ...byHooks.changes, ...verification.sent.map(edit(active.identity).sent)],
    effects: [...before.effects, ...verification.effects, ...inTransaction],
  });
  if (saved.kind !== 'written') return notSaved(deps, saved, { outcome, of, step, shown });
  const after = await runAfter(deps, {
    ...done,
    identity: saved.after,
    verification: verification.begun[0],
  });
  const result = settingsAnswer(deps, {
    ...of,
    active: provenSession(deps, outcome, of.active),
    begun: verification.begun,
    flow: forms.saved,
    identity: saved.after,
    hooks: before,
    after,
  });
  return withHookError(result, after);
}

/** The traits as they were submitted, where they were: a form that is refused shows them again. */
function submittedTraits({ changes }: Changed) {
  const change = changes.find((candidate) => candidate.kind === 'traits');
  return change?.kind === 'traits' ? { traits: change.to.traits } : {};
}

const preview = (deps: FlowDeps, of: FullIdentity, changes: readonly Change[]): FullIdentity =>
  withChanges(of, changes, { rules: changeRules(deps), nowMs: deps.clock.nowMs() });

/** What was saved is over: the form shown with the good news belongs to the next change. */
async function savedForms(
  deps: FlowDeps,
  { transientPayload: _forHooks, ...flow }: Flow,
  of: Submission & { readonly active: SignedIn; readonly identity: FullIdentity },
): Promise<{ readonly saved: Flow; readonly successor: Flow }> {
  const owner = { identity: of.identity, session: of.active.session };
  const made = await restartSettings(deps, owner)(flow, of.request);
  const returnTo = flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to');
  // The submission is what started it.
  const successor = { ...made, requestUrl: of.request.url, ...(returnTo === null ? {} : { returnTo }) };
  const action = `${deps.settings.publicUrl}self-service/settings?flow=${successor.id}`;
  const form: Flow['form'] = {
    nodes: successor.form.nodes,
    messages: [messages.settingsSaved()],
    goesTo: { action, method: 'POST' },
  };
  // A client that goes on with the saved flow submits the form of the next one: it needs what methods kept with that.
  const { memory: _used, ...rest } = flow;
  const memory = successor.memory ? { memory: successor.memory } : {};
  return { saved: { ...rest, ...memory, state: 'success', form }, successor };
}

const LAST_WAY = 'This is the only way to sign in to this account. Add another one first.';

function notSaved(
  deps: FlowDeps,
  why: Exclude<SettingsSaved, { kind: 'written' }>,
  {
    outcome,
    of,
    step,
    shown,
  }: {
    readonly outcome: Changed;
    readonly of: SettingsSubmission;
    readonly step: FormSubmission;
    readonly shown: ReturnType<typeof submittedTraits>;
  },
): Promise<FlowResult> {
  switch (why.kind) {
    case 'moved':
      if (of.again) return of.again();
      break;
    case 'taken':
      return followStep(deps, { ...asRejected(messages.duplicateIdentifier()), ...shown }, step);
    case 'guarded':
      if (why.by === 'session' || why.by === 'state') throw noSession();
      if (why.by === 'keepsFirstFactor') {
        return followStep(deps, rejected(messages.generic(LAST_WAY), outcome.lastFactorAt), step);
      }
      break;
    case 'gone':
      throw noSession();
    case 'lost':
    case 'stale':
      break;
    default:
      return why satisfies never;
  }
  return followStep(deps, asRejected(messages.generic(concurrentUpdate().reason ?? '')), step);
}
