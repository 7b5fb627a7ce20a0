// What other methods add to a sign-in: they kept something in its flow that waits for somebody to prove who they are.
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { RequiredAal } from '../../session/aal.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { BoundMethod } from '../method/bound-method.ts';
import type { Joined, Rejected } from '../method/outcome.ts';
import { type LoginHere, loginAt } from './nodes.ts';

/** Methods that wait in this flow, such as one with an account at a provider that is to be linked. */
export const waitingMethods = (deps: FlowDeps, { memory = {} }: Flow): readonly BoundMethod[] =>
  deps.methods.filter(
    ({ name, isEnabled, handlers }) => isEnabled && handlers.login?.join && Object.hasOwn(memory, name),
  );

/**
 * The factors that whoever adds a way to sign in has to show: as many as whoami and the settings ask for. A stolen password
 * alone must not link the thief's own account to that of somebody with a second factor.
 */
export const aalToJoin = ({ settings: { whoamiAal, settingsAal } }: FlowDeps): RequiredAal =>
  whoamiAal === 'aal1' ? settingsAal : whoamiAal;

/** Asks each of them; the first that refuses keeps the sign-in from happening. */
export async function joinLogin(
  deps: FlowDeps,
  here: LoginHere,
  identity: Snapshot,
): Promise<readonly Joined[] | Rejected> {
  const joined: Joined[] = [];
  for (const { name, handlers } of waitingMethods(deps, here.flow)) {
    const answer = await handlers.login?.join?.({ ...loginAt(deps, name, here), identity });
    if (answer?.kind === 'rejected') return answer;
    if (answer) joined.push(answer);
  }
  return joined;
}
