// Runs the hooks of a phase in their order, and puts their answers together.
import type { FullIdentity } from '../../identity/identity.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { badRequest } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { FlowKind } from '../flow.ts';
import type { ContinueWith, Effect } from '../method/outcome.ts';
import type {
  BegunVerification,
  BoundHook,
  HookContext,
  InitContext,
  Postponed,
  Refused,
  Vetoed,
} from './contract.ts';
import { rewritten } from './rewrite.ts';

/** The answers that end an act before it happens. */
export type HookStop = Vetoed | Postponed | Refused;

/** What the hooks of the phase `before` made of an act that may happen. */
export interface HookSummary {
  readonly kind: 'pass';
  /** As the hooks left it; the same object where none changed it. */
  readonly identity: FullIdentity;
  readonly continueWith: readonly ContinueWith[];
  readonly signsIn: boolean;
  readonly effects: readonly Effect[];
  readonly verification: BegunVerification | undefined;
}

/** Throws where a hook does not let the flow begin. There is no form yet, so what it says becomes the reason of a refusal. */
export async function runInitHooks(
  deps: Pick<FlowDeps, 'hooks' | 'database'>,
  context: Omit<InitContext, 'kind'>,
): Promise<void> {
  const { kind } = context.flow;
  const passed: Effect[] = [];
  for (const hook of inOrder(deps.hooks[kind].init)) {
    const answer = await hook.handlers.init?.({ ...context, kind });
    if (answer?.kind === 'pass' && answer.effect) passed.push(answer.effect);
    if (!answer || answer.kind === 'pass') continue;
    if (answer.kind === 'veto')
      throw badRequest(answer.problems.map(({ message }) => message.text).join(' '));
    await write(deps, answer.effects ?? []);
    throw answer.error;
  }
  await write(deps, passed);
}

async function write({ database }: Pick<FlowDeps, 'database'>, effects: readonly Effect[]): Promise<void> {
  if (effects.length === 0) return;
  await database.transaction(async (stores) => {
    for (const effect of effects) await effect(stores);
  });
}

/** Runs the phase `before` and stops at the first hook that does not let the act pass. */
export async function runBefore<Context extends HookContext>(
  deps: Pick<FlowDeps, 'hooks' | 'methods' | 'schemas'>,
  context: Context,
): Promise<HookSummary | HookStop> {
  let current: HookContext = context;
  const continueWith: ContinueWith[] = [];
  const effects: Effect[] = [];
  let signsIn = false;
  let begun: BegunVerification | undefined;
  for (const hook of hooksOf(deps, context, 'before')) {
    const answer = await hook.handlers.before?.(current);
    if (!answer) continue;
    if (answer.kind !== 'pass') return answer;
    if (answer.changes && takesChanges(context.kind)) {
      const identity = rewritten(deps, current.identity, { changes: answer.changes, nowMs: context.atMs });
      if (identity.kind === 'veto') return identity;
      current = { ...current, identity: identity.value };
    }
    if (answer.verification) {
      begun = answer.verification;
      if ('verification' in current) current = { ...current, verification: begun };
    }
    continueWith.push(...(answer.continueWith ?? []));
    if (answer.effect) effects.push(answer.effect);
    signsIn ||= answer.signsIn === true;
  }
  return { kind: 'pass', identity: current.identity, continueWith, signsIn, effects, verification: begun };
}

/** A recovery and a verification are about one address: their hooks look on. */
const takesChanges = (kind: FlowKind): boolean => kind !== 'recovery' && kind !== 'verification';

/** Makes ready what hooks write together with an act that nothing stops any more. */
export async function runInTransaction(
  deps: Pick<FlowDeps, 'hooks'>,
  context: HookContext,
): Promise<readonly Effect[]> {
  const effects: Effect[] = [];
  for (const hook of hooksOf(deps, context, 'inTransaction')) {
    const effect = await hook.handlers.inTransaction?.(context);
    if (effect) effects.push(effect);
  }
  return effects;
}

export interface AfterSummary {
  readonly continueWith: readonly ContinueWith[];
  readonly goTo: string | undefined;
  /** What a hook refused with: it is answered, but nothing is undone. The hooks behind it did not run. */
  readonly error: ApiError | undefined;
}

/** Runs the phase `after`. It never throws: what is written stays, and its person keeps the session. */
export async function runAfter(
  { hooks, log }: Pick<FlowDeps, 'hooks' | 'log'>,
  context: HookContext,
): Promise<AfterSummary> {
  const continueWith: ContinueWith[] = [];
  let goTo: string | undefined;
  for (const hook of hooksOf({ hooks }, context, 'after')) {
    try {
      const answer = await hook.handlers.after?.(context);
      continueWith.push(...(answer?.continueWith ?? []));
      goTo = answer?.goTo ?? goTo;
    } catch (error) {
      log.error('a hook failed after the act', { error, hook: hook.name, flow: context.kind });
      if (error instanceof ApiError) return { continueWith, goTo, error };
    }
  }
  return { continueWith, goTo, error: undefined };
}

/**
 * The hooks that run for a method: its own list takes the place of the list for all (docs/protocol/platform.md 3.1). Where it
 * holds only what lets the act happen or not, what follows the act is that of the list for all.
 */
function hooksOf(
  { hooks }: Pick<FlowDeps, 'hooks'>,
  { kind, method }: Pick<HookContext, 'kind' | 'method'>,
  phase: 'before' | 'inTransaction' | 'after',
): readonly BoundHook[] {
  const { all, byMethod } = hooks[kind];
  const own = byMethod[method] ?? [];
  const replaces = phase === 'before' ? own.length > 0 : own.some(({ isGate }) => !isGate);
  return inOrder(replaces ? own : all);
}

const inOrder = (hooks: readonly BoundHook[]): readonly BoundHook[] => [
  ...hooks.filter((hook) => !hook.isLast),
  ...hooks.filter((hook) => hook.isLast),
];
