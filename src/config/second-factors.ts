// Settings that would let whoever has the first factor alone take the second one away.
import type { Finding } from './fault.ts';
import type { Config } from './schema.ts';

/** What a method tells of its factors under its own settings. */
export interface FactorMethod {
  readonly name: string;
  readonly isEnabledByDefault: boolean;
  readonly credential?: { readonly isSecondFactor: (config: unknown) => boolean };
  readonly canProveBoth?: (config: unknown) => boolean;
}

export function findRemovableFactors(
  { selfservice }: Config,
  methods: readonly FactorMethod[],
): readonly Finding[] {
  if (selfservice.flows.settings.required_aal !== 'aal1') return [];
  const factors = methods.filter(({ name, isEnabledByDefault, credential, canProveBoth }) => {
    const own = selfservice.methods[name] ?? { enabled: isEnabledByDefault };
    return own.enabled && (credential?.isSecondFactor(own) || canProveBoth?.(own));
  });
  if (factors.length === 0) return [];
  const names = factors.map(({ name }) => name).join(', ');
  const reason = `a session with one factor may remove second factors (${names}); set highest_available`;
  return [{ path: ['selfservice', 'flows', 'settings', 'required_aal'], reason }];
}
