// Configuration -> the hooks of each flow, bound and in order.

import type { AfterBlock } from '../../config/fields.ts';
import type { Config } from '../../config/schema.ts';
import type { Sealer } from '../../lib/cipher.ts';
import type { DeliveryOutcome, OutboxEvent } from '../../outbox/event.ts';
import type { BoundHook, FlowHooks, HookBook, HookDefinition, HookDeps } from './contract.ts';
import { createDeliver, createQueue } from './queue.ts';

type Entry = { readonly hook: string; readonly config?: unknown };

/** What the book is made from; each hook gets a sealer of its own. */
export interface HookBookDeps extends Omit<HookDeps, 'sealer' | 'queue'> {
  readonly sealerFor: (hook: string) => Sealer;
}

/** The hooks of each flow, and how what they queued is handed over. */
export interface Hooks {
  readonly book: HookBook;
  readonly deliver: (event: OutboxEvent) => Promise<DeliveryOutcome>;
  /** Whether any hook queues something, so that some process has to deliver it. */
  readonly mayQueue: boolean;
}

/** Names and places were checked when the configuration was loaded. */
export function createHooks(
  config: Config,
  definitions: readonly HookDefinition<unknown>[],
  { sealerFor, ...shared }: HookBookDeps,
): Hooks {
  const depsOf = (hook: string): HookDeps => {
    const sealer = sealerFor(hook);
    return { ...shared, sealer, queue: createQueue(hook, sealer) };
  };
  const entries: Entry[] = [];
  const bind = (named: readonly Entry[] | undefined): readonly BoundHook[] =>
    (named ?? []).flatMap((entry) => {
      const { hook, config: own } = entry;
      const definition = definitions.find(({ name }) => name === hook);
      if (!definition) return [];
      entries.push(entry);
      const { isLast = false, isGate = false } = definition;
      return [{ name: hook, isLast, isGate, handlers: definition.create(own, depsOf(hook)) }];
    });
  const { flows } = config.selfservice;
  const hooksOf = (flow: keyof HookBook): FlowHooks => {
    const { before, after } = flows[flow];
    const byMethod = Object.entries(after).flatMap(
      ([key, block]) =>
        key === 'hooks' || key === 'default_browser_return_url'
          ? []
          : [[key, bind((block as AfterBlock).hooks)] as const], // the schema knows no other members
    );
    return { init: bind(before.hooks), all: bind(after.hooks), byMethod: Object.fromEntries(byMethod) };
  };
  const book = {
    login: hooksOf('login'),
    registration: hooksOf('registration'),
    settings: hooksOf('settings'),
    recovery: hooksOf('recovery'),
    verification: hooksOf('verification'),
  };
  const deliveries = new Map(
    definitions.flatMap(({ name, createDelivery }) => {
      const all = entries.filter(({ hook }) => hook === name).map((entry) => entry.config);
      return createDelivery ? [[name, createDelivery(all, depsOf(name))] as const] : [];
    }),
  );
  const mayQueue = definitions.some(
    ({ name, createDelivery, mayQueue: decides = () => createDelivery !== undefined }) =>
      entries.some(({ hook, config: own }) => hook === name && decides(own)),
  );
  return { book, mayQueue, deliver: createDeliver(deliveries, { log: shared.log, sealerFor }) };
}
