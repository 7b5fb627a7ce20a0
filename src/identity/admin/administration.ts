// What administrators' acts on identities are built from, and how they are recorded.

import type { EventStore } from '../../event/event.ts';
import type { Clock } from '../../lib/clock.ts';
import type { IdentityId } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import { ApiError, type ApiErrorOptions } from '../../protocol/api-error.ts';
import type { Problem } from '../../protocol/message.ts';
import { badRequest } from '../../protocol/refusals.ts';
import type { IdentitySchema, SchemaRegistry } from '../../schema/load.ts';
import type { CredentialDraft } from '../assemble.ts';
import type { ChangeRules } from '../change/plan.ts';
import type { FactorCount, OtherFactors } from '../factor-count.ts';
import type { Credential } from '../identity.ts';
import { IdentityConflict, type IdentityWriter } from '../store.ts';
import { type ValidatedTraits, validateTraits } from '../validate.ts';

/** What is left of a credential of several parts, such as linked accounts, after one of them was taken out. */
export type Remainder =
  | { readonly kind: 'unknown-part' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'rest'; readonly draft: Omit<CredentialDraft, 'type'> };

/** How credentials of one type are handled. Each method gives one. */
export interface CredentialRules {
  readonly name: string;
  /** Turns what is imported into what is stored; absent where such credentials cannot be imported. */
  readonly importCredential:
    | ((
        config: JsonObject,
        of: { readonly identityId: IdentityId },
      ) => Promise<Omit<CredentialDraft, 'type'>>)
    | undefined;
  /** Why a config may not be stored as a patch has left it. An import is checked by `importCredential`. */
  readonly patchFault?: ((config: JsonObject) => string | undefined) | undefined;
  readonly removal: 'never' | 'always' | 'unless-last';
  /** For credentials of several parts: takes one out. Throws 400 where it needs to know which one. */
  readonly withoutPart?: (credential: Credential, identifier: string | undefined) => Remainder;
  readonly ownsIdentifiers: boolean;
  /** True where it is changed by import and removal only, and never by a patch of its parts. */
  readonly isPatchRefused?: true;
  /** The stored config as administrators see it, and back: its sealed parts are open to them. */
  readonly show: (stored: JsonObject) => JsonObject;
  readonly keep: (shown: JsonObject) => JsonObject;
  /** What becomes of it when other credentials changed; undefined: it stays. */
  readonly follow?:
    | ((own: Credential, others: OtherFactors) => Omit<CredentialDraft, 'type'> | 'remove' | undefined)
    | undefined;
  readonly countFactors: (credential: Credential) => FactorCount;
}

/** How administrators see the config of a credential. One of a type that is not known is shown as it is stored. */
export const showConfig =
  (rules: readonly CredentialRules[]) =>
  ({ type, config }: Credential): JsonObject =>
    rules.find(({ name }) => name === type)?.show(config) ?? config;

export interface AdministrationStores {
  readonly identities: IdentityWriter;
  readonly events: EventStore;
}

export interface AdministrationDeps {
  readonly clock: Clock;
  readonly schemas: Pick<SchemaRegistry, 'find' | 'defaultId'>;
  readonly credentialRules: readonly CredentialRules[];
  /** Runs the work in one transaction; it may run more than once. */
  readonly transaction: <T>(work: (stores: AdministrationStores) => Promise<T>) => Promise<T>;
}

export function ownIdentifierTypes(rules: readonly CredentialRules[]): ReadonlySet<string> {
  return new Set(rules.filter((rule) => rule.ownsIdentifiers).map((rule) => rule.name));
}

export const changeRules = ({
  credentialRules,
}: Pick<AdministrationDeps, 'credentialRules'>): ChangeRules => ({
  ownIdentifiers: ownIdentifierTypes(credentialRules),
  countFactors: (credential) =>
    credentialRules.find((rule) => rule.name === credential.type)?.countFactors(credential) ?? {
      first: 0,
      second: 0,
    },
  kinds: credentialRules,
});

/** Throws 400 where there is no such schema. */
export function requireSchema({ schemas }: AdministrationDeps, id = schemas.defaultId): IdentitySchema {
  const schema = schemas.find(id);
  if (!schema) throw badRequest(`No identity schema has the id "${id}".`);
  return schema;
}

/** Throws 400 with everything that is wrong with the traits. */
export function requireValid(schema: IdentitySchema, traits: JsonObject): ValidatedTraits {
  const checked = validateTraits(schema, traits);
  if (!checked.ok) throw badRequest(describeProblems(checked.problems));
  return checked.value;
}

export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ at, message }) => (at ? `${at}: ${message.text}` : message.text)).join(' ');
}

const TAKEN: Readonly<Record<IdentityConflict['what'], string>> = {
  identifier: 'Another identity signs in with one of these identifiers.',
  address: 'Another identity holds one of these addresses.',
  external_id: 'Another identity has this external_id.',
};

/** Runs a change of what is stored; a value that another identity holds comes out as 409. */
export async function refusingConflicts<T>(
  work: () => Promise<T>,
  detail: (text: string) => Pick<ApiErrorOptions, 'message' | 'reason'> = (message) => ({ message }),
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof IdentityConflict)) throw error;
    throw new ApiError({ status: 409, ...detail(TAKEN[error.what]) });
  }
}
