// An identity: a person's traits, the addresses and credentials that follow from them, and its state.
import type { IdentityId } from '../lib/ids.ts';
import type { Json, JsonObject } from '../lib/json.ts';

export type IdentityState = 'active' | 'inactive';
export type AddressVia = 'email' | 'sms';
export type AddressStatus = 'pending' | 'sent' | 'completed';

export interface VerifiableAddress {
  readonly id: string;
  readonly value: string;
  readonly via: AddressVia;
  readonly verified: boolean;
  readonly status: AddressStatus;
  readonly verifiedAtMs?: number;
  /** No way in before the person saves their traits again: a stranger may have put it there. */
  readonly isHeld?: true;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface RecoveryAddress {
  readonly id: string;
  readonly value: string;
  readonly via: AddressVia;
  /** As for one that can be verified. */
  readonly isHeld?: true;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A way to sign in. `type` is the name of the method that owns it; only that method understands `config`. */
export interface Credential {
  readonly type: string;
  readonly identifiers: readonly string[];
  readonly config: JsonObject;
  /**
   * Values that nobody else may hold beside the identifiers, such as ids of keys. They are not shown, nobody is found by
   * them, and they are not read back: absent, the stored ones stay. A credential without a config has none.
   */
  readonly claims?: readonly string[];
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface Identity {
  readonly id: IdentityId;
  readonly externalId?: string;
  readonly schemaId: string;
  readonly state: IdentityState;
  readonly stateChangedAtMs: number;
  readonly traits: JsonObject;
  readonly verifiableAddresses: readonly VerifiableAddress[];
  readonly recoveryAddresses: readonly RecoveryAddress[];
  readonly metadataPublic: Json;
  readonly metadataAdmin: Json;
  readonly organizationId: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** With credentials by type. Loaded only where they are needed, so that they cannot leak by accident. */
export interface FullIdentity extends Identity {
  readonly credentials: Readonly<Record<string, Credential>>;
}
