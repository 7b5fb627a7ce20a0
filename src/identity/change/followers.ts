// Credentials that follow from what becomes of others, such as backup codes that go with the last second factor.
import { type CredentialDraft, changeIdentity } from '../assemble.ts';
import type { FactorCount, OtherFactors } from '../factor-count.ts';
import type { Credential, FullIdentity } from '../identity.ts';

/** What the rest of the product knows of the credentials of one type. */
export interface FollowingKind {
  readonly name: string;
  readonly countFactors: (credential: Credential) => FactorCount;
  readonly follow?:
    | ((own: Credential, others: OtherFactors) => Omit<CredentialDraft, 'type'> | 'remove' | undefined)
    | undefined;
}

/** The person after a change, with what follows from it; the same object where nothing does. */
export function withFollowers(
  before: FullIdentity,
  after: FullIdentity,
  of: {
    readonly kinds: readonly FollowingKind[];
    readonly nowMs: number;
    readonly ownIdentifiers: ReadonlySet<string>;
  },
): FullIdentity {
  let current = after;
  for (const { name, follow } of of.kinds) {
    const own = Object.hasOwn(current.credentials, name) ? current.credentials[name] : undefined;
    if (!follow || !own) continue;
    const others = {
      before: countOthers(before, name, of.kinds),
      after: countOthers(current, name, of.kinds),
    };
    const next = follow(own, others);
    if (next === undefined) continue;
    current = changeIdentity(current, {
      nowMs: of.nowMs,
      ownIdentifiers: of.ownIdentifiers,
      ...(next === 'remove' ? { removedCredential: name } : { credentials: [{ type: name, ...next }] }),
    });
  }
  return current;
}

function countOthers(
  { credentials }: FullIdentity,
  name: string,
  kinds: readonly FollowingKind[],
): FactorCount {
  let first = 0;
  let second = 0;
  for (const credential of Object.values(credentials)) {
    if (credential.type === name) continue;
    const count = kinds.find((kind) => kind.name === credential.type)?.countFactors(credential);
    first += count?.first ?? 0;
    second += count?.second ?? 0;
  }
  return { first, second };
}
