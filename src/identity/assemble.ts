// Validated traits and credential drafts -> the identity to store; and the same for a change of one.
import { type IdentityId, newIdentityId, newUuid } from '../lib/ids.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import type {
  Credential,
  FullIdentity,
  IdentityState,
  RecoveryAddress,
  VerifiableAddress,
} from './identity.ts';
import type { DerivedAddress, ValidatedTraits } from './validate.ts';

/** A credential as a method makes it; identifiers come from the traits unless given. */
export interface CredentialDraft {
  readonly type: string;
  readonly config: JsonObject;
  readonly identifiers?: readonly string[];
  /** As in `Credential`. */
  readonly claims?: readonly string[];
  readonly version?: number;
}

export interface NewIdentity {
  readonly traits: ValidatedTraits;
  readonly credentials: readonly CredentialDraft[];
  readonly state?: IdentityState;
  readonly metadataPublic?: Json;
  readonly metadataAdmin?: Json;
  readonly externalId?: string;
  readonly organizationId?: string;
  readonly nowMs: number;
  readonly id?: IdentityId;
  /** Credential types whose identifiers are the method's own (a provider's subject, a key's handle), not the traits'. */
  readonly ownIdentifiers: ReadonlySet<string>;
}

/** Credentials are kept in a form with a version, so that their reader knows how to read them. */
const CREDENTIAL_VERSION = 1;

export function assembleIdentity(of: NewIdentity): FullIdentity {
  const { nowMs, traits } = of;
  return {
    id: of.id ?? newIdentityId(),
    ...(of.externalId ? { externalId: of.externalId } : {}),
    schemaId: traits.schemaId,
    state: of.state ?? 'active',
    stateChangedAtMs: nowMs,
    traits: traits.traits,
    verifiableAddresses: keepVerifiable([], traits.verifiable, nowMs),
    recoveryAddresses: keepRecovery([], traits.recovery, nowMs),
    metadataPublic: of.metadataPublic ?? null,
    metadataAdmin: of.metadataAdmin ?? null,
    organizationId: of.organizationId ?? null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    credentials: mergeCredentials({}, traits, of.credentials, of),
  };
}

export interface IdentityChange {
  readonly traits?: ValidatedTraits;
  readonly credentials?: readonly CredentialDraft[];
  readonly removedCredential?: string;
  readonly state?: IdentityState;
  readonly metadataPublic?: Json;
  readonly metadataAdmin?: Json;
  /** null takes it away. */
  readonly externalId?: string | null;
  readonly organizationId?: string | null;
  readonly nowMs: number;
  readonly ownIdentifiers: ReadonlySet<string>;
}

/** The identity after a change. Addresses that stay keep their verification; identifiers follow the schema in force. */
export function changeIdentity(identity: FullIdentity, change: IdentityChange): FullIdentity {
  const { nowMs, traits } = change;
  const { externalId: oldExternalId, ...rest } = identity;
  const externalId = change.externalId === undefined ? oldExternalId : (change.externalId ?? undefined);
  const state = change.state ?? identity.state;
  const kept = Object.fromEntries(
    Object.entries(identity.credentials).filter(([type]) => type !== change.removedCredential),
  );
  return {
    ...rest,
    ...(externalId === undefined ? {} : { externalId }),
    schemaId: traits?.schemaId ?? identity.schemaId,
    state,
    stateChangedAtMs: state === identity.state ? identity.stateChangedAtMs : nowMs,
    traits: traits?.traits ?? identity.traits,
    verifiableAddresses: traits
      ? keepVerifiable(identity.verifiableAddresses, traits.verifiable, nowMs)
      : identity.verifiableAddresses,
    recoveryAddresses: traits
      ? keepRecovery(identity.recoveryAddresses, traits.recovery, nowMs)
      : identity.recoveryAddresses,
    metadataPublic: change.metadataPublic === undefined ? identity.metadataPublic : change.metadataPublic,
    metadataAdmin: change.metadataAdmin === undefined ? identity.metadataAdmin : change.metadataAdmin,
    organizationId: change.organizationId === undefined ? identity.organizationId : change.organizationId,
    updatedAtMs: nowMs,
    credentials: mergeCredentials(kept, traits, change.credentials ?? [], change),
  };
}

/** True where one signs in or is reached otherwise after the change: such a change needs a recent sign-in. */
export function touchesSignIn(before: FullIdentity, after: FullIdentity): boolean {
  return signInFacts(before) !== signInFacts(after);
}

function signInFacts(identity: FullIdentity): string {
  return JSON.stringify([
    Object.values(identity.credentials).map((held) => [held.type, [...held.identifiers].sort(), held.config]),
    identity.verifiableAddresses.map((address) => `${address.via}:${address.value}`).sort(),
    identity.recoveryAddresses.map((address) => `${address.via}:${address.value}`).sort(),
  ]);
}

function mergeCredentials(
  held: Readonly<Record<string, Credential>>,
  traits: ValidatedTraits | undefined,
  drafts: readonly CredentialDraft[],
  when: { readonly nowMs: number; readonly ownIdentifiers: ReadonlySet<string> },
): Readonly<Record<string, Credential>> {
  const { nowMs, ownIdentifiers } = when;
  const out: Record<string, Credential> = { ...held };
  for (const draft of drafts) {
    const before = out[draft.type];
    out[draft.type] = {
      type: draft.type,
      identifiers: draft.identifiers ?? before?.identifiers ?? [],
      config: draft.config,
      ...(draft.claims ? { claims: draft.claims } : {}),
      version: draft.version ?? CREDENTIAL_VERSION,
      createdAtMs: before?.createdAtMs ?? nowMs,
      updatedAtMs: nowMs,
    };
  }
  if (!traits) return out;
  const derived = new Map(traits.credentials.map((credential) => [credential.type, credential]));
  for (const type of new Set([...Object.keys(out), ...derived.keys()])) {
    if (ownIdentifiers.has(type)) continue;
    const credential = out[type];
    const from = derived.get(type);
    const identifiers = from?.identifiers ?? [];
    const config = from?.config ? { ...credential?.config, ...from.config } : (credential?.config ?? {});
    const isSame =
      credential !== undefined &&
      JSON.stringify([credential.identifiers, credential.config]) === JSON.stringify([identifiers, config]);
    if (isSame) continue;
    out[type] = {
      type,
      identifiers,
      config,
      ...(credential?.claims ? { claims: credential.claims } : {}),
      version: credential?.version ?? CREDENTIAL_VERSION,
      createdAtMs: credential?.createdAtMs ?? nowMs,
      updatedAtMs: nowMs,
    };
  }
  return out;
}

/** One that was held is not any more: the person has saved it anew. */
function released<Address extends { readonly isHeld?: true; readonly updatedAtMs: number }>(
  held: Address,
  nowMs: number,
): Address | Omit<Address, 'isHeld'> {
  if (!held.isHeld) return held;
  const { isHeld: _noMore, ...free } = held;
  return { ...free, updatedAtMs: nowMs };
}

function keepVerifiable(
  held: readonly VerifiableAddress[],
  wanted: readonly DerivedAddress[],
  nowMs: number,
): readonly VerifiableAddress[] {
  return wanted.map(({ via, value }) => {
    const kept = held.find((address) => address.via === via && address.value === value);
    const times = { createdAtMs: nowMs, updatedAtMs: nowMs };
    return kept
      ? released(kept, nowMs)
      : { id: newUuid(), via, value, verified: false, status: 'pending', ...times };
  });
}

function keepRecovery(
  held: readonly RecoveryAddress[],
  wanted: readonly DerivedAddress[],
  nowMs: number,
): readonly RecoveryAddress[] {
  return wanted.map(({ via, value }) => {
    const kept = held.find((address) => address.via === via && address.value === value);
    return kept
      ? released(kept, nowMs)
      : { id: newUuid(), via, value, createdAtMs: nowMs, updatedAtMs: nowMs };
  });
}
