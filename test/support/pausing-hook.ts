// A hook that stands for whatever takes time between reading and writing: a hash, a breach list, a web hook.
import type { FlowKind } from '../../src/flow/flow.ts';
import { type HookDefinition, pass } from '../../src/flow/hook/contract.ts';
import type { JsonObject } from '../../src/lib/json.ts';

export interface Pause {
  /** Resolves when a submission has come as far as the hook. */
  readonly reached: Promise<void>;
  readonly goOn: () => void;
}

export interface PausingHook {
  readonly definition: HookDefinition<unknown>;
  /** Hangs the hook behind these flows. */
  readonly config: JsonObject;
  /** The next submission of a flow of this kind waits; those after it do not. */
  readonly pauseNext: (kind: FlowKind) => Pause;
}

const FLOWS = ['login', 'settings', 'recovery', 'verification'] as const;

export function createPausingHook(): PausingHook {
  const waiting = new Map<FlowKind, { readonly arrive: () => void; readonly until: Promise<void> }>();
  const definition: HookDefinition<unknown> = {
    name: 'pause',
    flows: FLOWS,
    create: () => ({
      before: async ({ flow }) => {
        const pause = waiting.get(flow.kind);
        waiting.delete(flow.kind);
        pause?.arrive();
        await pause?.until;
        return pass;
      },
    }),
  };
  const after = { after: { hooks: [{ hook: 'pause' }] } };
  return {
    definition,
    config: Object.fromEntries(FLOWS.map((kind) => [kind, after])),
    pauseNext: (kind) => {
      const arrived = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      waiting.set(kind, { arrive: arrived.resolve, until: released.promise });
      return { reached: arrived.promise, goOn: released.resolve };
    },
  };
}
