// Which first and second factors can this person use now? Counted through the enabled methods' definitions.
import type { Credential } from '../../identity/identity.ts';
import type { BoundMethod } from './bound-method.ts';
import type { FactorCount } from './credential-kind.ts';

/** Adds up what each credential gives. A credential whose method is switched off gives nothing. */
export function countFactors(
  credentials: readonly Credential[],
  methods: readonly BoundMethod[],
): FactorCount {
  let first = 0;
  let second = 0;
  for (const credential of credentials) {
    const count = methods.find((method) => method.name === credential.type)?.countFactors(credential);
    first += count?.first ?? 0;
    second += count?.second ?? 0;
  }
  return { first, second };
}

/** Credential types that have to be read to know whether a person has a second factor. */
export function secondFactorTypes(methods: readonly BoundMethod[]): readonly string[] {
  return methods.filter((method) => method.isSecondFactor).map((method) => method.name);
}

/** Credential types whose identifiers do not follow from the traits. */
export function ownIdentifierTypes(methods: readonly BoundMethod[]): ReadonlySet<string> {
  return new Set(methods.filter((method) => method.ownsIdentifiers).map((method) => method.name));
}
