// Configuration -> the hooks of each flow, bound and in order.

import type { AfterBlock } from '../../config/fields.ts';
import type { Config } from '../../config/schema.ts';
import type { Sealer } from '../../lib/cipher.ts';
import type { BoundHook, FlowHooks, HookBook, HookDefinition, HookDeps } from './contract.ts';

type Entry = { readonly hook: string; readonly config?: unknown };

/** What the book is made from; each hook gets a sealer of its own. */
export interface HookBookDeps extends Omit<HookDeps, 'sealer'> {
  readonly sealerFor: (hook: string) => Sealer;
}

/** Names and places were checked when the configuration was loaded. */
export function createHookBook(
  config: Config,
  definitions: readonly HookDefinition<unknown>[],
  { sealerFor, ...deps }: HookBookDeps,
): HookBook {
  const bind = (entries: readonly Entry[] | undefined): readonly BoundHook[] =>
    (entries ?? []).flatMap(({ hook, config: own }) => {
      const definition = definitions.find(({ name }) => name === hook);
      if (!definition) return [];
      const handlers = definition.create(own, { ...deps, sealer: sealerFor(hook) });
      return [{ name: hook, isLast: definition.isLast ?? false, handlers }];
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
  return {
    login: hooksOf('login'),
    registration: hooksOf('registration'),
    settings: hooksOf('settings'),
    recovery: hooksOf('recovery'),
    verification: hooksOf('verification'),
  };
}
