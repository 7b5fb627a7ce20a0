// Hands a submission to its method, once what it guesses at was counted.
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { Guess } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';
import { tellOwner } from '../secret/guessed-at.ts';

interface TakenStep<Here, Outcome> {
  guess?(at: Here): Promise<Guess | undefined>;
  submit(at: Here): Promise<Outcome>;
}

/**
 * What the method answers; undefined where no try is left. The one place where guesses are counted: before anything is
 * compared, so that many at the same moment count as well.
 */
export async function takeStep<Here extends { readonly flow: Flow; readonly request: FlowRequest }, Outcome>(
  deps: FlowDeps,
  step: TakenStep<Here, Outcome>,
  at: Here,
): Promise<Outcome | undefined> {
  const guess = await step.guess?.(at);
  if (!guess) return step.submit(at);
  const { mayTry, exhausted } = await deps.budget.countTry({ flow: at.flow, request: at.request, guess });
  for (const account of exhausted) await tellOwner(deps, account);
  return mayTry ? step.submit(at) : undefined;
}
