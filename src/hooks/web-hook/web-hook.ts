// Calls a service of the operator's before or after a flow, which may look on, stop the flow, or change the person.
import type { FlowKind } from '../../flow/flow.ts';
import type {
  BeforeAnswer,
  HookContext,
  HookDefinition,
  HookDeps,
  HookHandlers,
  InitAnswer,
  Passed,
  Vetoed,
} from '../../flow/hook/contract.ts';
import { pass } from '../../flow/hook/contract.ts';
import type { JsonObject } from '../../lib/json.ts';
import { internalFault, serviceFailed } from '../../protocol/refusals.ts';
import { readProblems, readRewrite } from './answer.ts';
import { createBody } from './body.ts';
import { call, requestOf, UNUSABLE } from './call.ts';
import { type WebHookConfig, webHookConfig } from './config.ts';
import { actContext, initContext } from './context.ts';
import { createDelivery, queueing } from './queue.ts';

export const webHook: HookDefinition<WebHookConfig> = {
  name: 'web_hook',
  flows: ['login', 'registration', 'settings', 'recovery', 'verification'],
  config: webHookConfig,
  create,
  createDelivery,
  mayQueue: ({ response }) => response?.ignore === true,
};

/** Flows in which a hook that only looks on is told when everything is stored. Before a sign-in it is asked in its turn. */
const TOLD_AFTER: readonly FlowKind[] = ['registration', 'settings', 'recovery', 'verification'];

/** Flows whose person an answer may change: the others are about one address. */
const CHANGEABLE: readonly FlowKind[] = ['login', 'registration', 'settings'];

function create(config: WebHookConfig, deps: HookDeps): HookHandlers {
  const { publicUrl } = deps;
  const { ignore = false, parse = false } = config.response ?? {};
  const mayStop = parse || config.can_interrupt === true;
  if (ignore) return queueing(config, deps);
  const makeBody = createBody(config, deps);

  async function ask(ctx: JsonObject): Promise<Passed | Vetoed> {
    const request = await requestOf(config, makeBody, ctx);
    if (!request) return pass;
    const { status, text } = await call(deps, request);
    if (status >= 400) {
      if (!mayStop) throw serviceFailed(UNUSABLE);
      const problems = readProblems(text);
      if (!problems) throw internalFault('A service stopped the flow without a message.');
      return { kind: 'veto', problems };
    }
    if (!parse || status !== 200 || text.trim() === '') return pass;
    const changes = readRewrite(text);
    if (!changes) throw internalFault('A service answered with an identity that cannot be read.');
    return { kind: 'pass', changes };
  }

  const isToldAfter = ({ kind }: HookContext): boolean => !mayStop && TOLD_AFTER.includes(kind);
  return {
    init: async (context): Promise<InitAnswer> => {
      const answer = await ask(initContext(context, publicUrl));
      return answer.kind === 'veto' ? answer : pass;
    },
    before: async (context): Promise<BeforeAnswer> => {
      if (isToldAfter(context)) return pass;
      const answer = await ask(actContext(context, publicUrl));
      return answer.kind === 'veto' || CHANGEABLE.includes(context.kind) ? answer : pass;
    },
    after: async (context) => {
      if (isToldAfter(context)) await ask(actContext(context, publicUrl));
      return undefined;
    },
  };
}
