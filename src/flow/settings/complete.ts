// After a valid change: hooks, then person, session and flow in one transaction, then the form again.
import { type Change, edit } from '../../identity/change/change.ts';
import { withChanges } from '../../identity/change/decide.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { validateTraits } from '../../identity/validate.ts';
import * as messages from '../../protocol/messages.ts';
import { concurrentUpdate, noSession } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import { asRejected, followStep, type Step } from '../engine/follow.ts';
import { changeRules } from '../engine/plan.ts';
import { stoppedByHook } from '../engine/stopped.ts';
import type { Submission } from '../engine/submission.ts';
import type { Flow } from '../flow.ts';
import { effectsOf, type HookContext, hooksFor, runHooks } from '../hook/contract.ts';
import { changesOfHook } from '../hook/person-changes.ts';
import type { Changed } from '../method/outcome.ts';
import type { FlowResult } from '../result.ts';
import type { SignedIn } from '../session/signed-in.ts';
import { beginVerifications } from '../verification/begin.ts';
import { settingsAnswer } from './answer.ts';
import { restartSettings } from './create.ts';
import { settingsOrder } from './nodes.ts';
import { postponeChange } from './postpone.ts';
import { type SettingsSaved, saveSettings } from './save.ts';

export interface SettingsSubmission extends Submission {
  readonly active: SignedIn;
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
  const context: HookContext = {
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
  if (before.kind !== 'pass') return stoppedByHook(deps, before, { step, shown });
  const byHooks = changesByHooks(deps, active.identity, {
    shown: changed,
    wanted: before.identity ?? changed,
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
  const together = await runHooks(hooksFor(deps.hooks.settings, of.method, 'together'), 'together', {
    ...context,
    identity,
  });
  const forms = await savedForms(deps, flow, { ...of, identity });
  const saved = await saveSettings(deps, outcome, {
    ...of,
    ...forms,
    changes: [...outcome.changes, ...byHooks.changes, ...verification.sent.map(edit(active.identity).sent)],
    effects: [...before.effects, ...verification.effects, ...effectsOf(together)],
  });
  if (saved.kind !== 'written') return notSaved(deps, saved, { of, step, shown });
  const after = await runHooks(hooksFor(deps.hooks.settings, of.method, 'after'), 'after', {
    ...context,
    // What the client gave for hooks is not stored with the flow, but it does reach them.
    flow: { ...forms.saved, ...(flow.transientPayload ? { transientPayload: flow.transientPayload } : {}) },
    identity: saved.after,
    ...(verification.begun[0] ? { verification: verification.begun[0] } : {}),
  });
  return settingsAnswer(deps, {
    ...of,
    begun: verification.begun,
    flow: forms.saved,
    identity: saved.after,
    hooks: before,
    after: after.kind === 'pass' ? after : undefined,
  });
}

/** The traits as they were submitted, where they were: a form that is refused shows them again. */
function submittedTraits({ changes }: Changed) {
  const change = changes.find((candidate) => candidate.kind === 'traits');
  return change?.kind === 'traits' ? { traits: change.to.traits } : {};
}

function changesByHooks(
  deps: FlowDeps,
  seen: Snapshot,
  of: { readonly shown: FullIdentity; readonly wanted: FullIdentity },
) {
  const schema = deps.schemas.get(of.shown.schemaId);
  return changesOfHook({ seen, ...of }, (traits) => validateTraits(schema, traits));
}

const preview = (deps: FlowDeps, of: FullIdentity, changes: readonly Change[]): FullIdentity =>
  withChanges(of, changes, { rules: changeRules(deps), nowMs: deps.clock.nowMs() });

/** What was saved is over: the form shown with the good news belongs to the next change. */
async function savedForms(
  deps: FlowDeps,
  { transientPayload: _forHooks, ...flow }: Flow,
  { identity, request }: Submission & { readonly identity: FullIdentity },
): Promise<{ readonly saved: Flow; readonly successor: Flow }> {
  const successor = await restartSettings(deps, identity)(flow, request);
  const action = `${deps.settings.publicUrl}self-service/settings?flow=${successor.id}`;
  const form: Flow['form'] = {
    nodes: successor.form.nodes,
    messages: [messages.settingsSaved()],
    goesTo: { action, method: 'POST' },
  };
  return { saved: { ...flow, state: 'success', form }, successor };
}

const LAST_WAY = 'This is the only way to sign in to this account. Add another one first.';

function notSaved(
  deps: FlowDeps,
  why: Exclude<SettingsSaved, { kind: 'written' }>,
  { of, step, shown }: { of: SettingsSubmission; step: Step; shown: ReturnType<typeof submittedTraits> },
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
        return followStep(deps, asRejected(messages.generic(LAST_WAY)), step);
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
