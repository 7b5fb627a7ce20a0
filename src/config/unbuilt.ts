// Features of the protocol that are known but not built: described they are accepted, switched on they are refused.

export interface Unbuilt {
  /** Path in the configuration; `*` stands for any key. */
  readonly path: readonly string[];
  readonly isOn: (value: unknown) => boolean;
  readonly what: string;
}

const isTrue = (value: unknown): boolean => value === true;
/** A method that the protocol has and this program has not. */
export const absentMethod = (name: string): Unbuilt => ({
  path: ['selfservice', 'methods', name, 'enabled'],
  isOn: isTrue,
  what: `signing in by ${name}`,
});

export const UNBUILT: readonly Unbuilt[] = [
  {
    path: ['selfservice', 'methods', 'password', 'config', 'migrate_hook', 'enabled'],
    isOn: isTrue,
    what: 'the password migration hook',
  },
];

export const UNBUILT_HOOKS: readonly string[] = ['b2b_sso', 'organization'];
