// Whole values for store tests; each test says only what matters to it.
import type { Flow } from '../../src/flow/flow.ts';
import type { Credential, FullIdentity, VerifiableAddress } from '../../src/identity/identity.ts';
import { type IdentityId, newFlowId, newIdentityId, newSessionId, newUuid } from '../../src/lib/ids.ts';
import type { Session } from '../../src/session/session.ts';
import { START_MS } from './databases.ts';

/** Texts that neither database can hold: they are held by nobody, and asking for them is no error. */
export const UNSTORABLE = ['ada\0', '\0', 'ada\ud800', '\udc00ada'] as const;

export function anIdentity(of: Partial<FullIdentity> = {}): FullIdentity {
  return {
    id: newIdentityId(),
    schemaId: 'person',
    state: 'active',
    stateChangedAtMs: START_MS,
    traits: {},
    verifiableAddresses: [],
    recoveryAddresses: [],
    metadataPublic: null,
    metadataAdmin: null,
    organizationId: null,
    createdAtMs: START_MS,
    updatedAtMs: START_MS,
    credentials: {},
    ...of,
  };
}

/** An identity as registration makes it: signs in with a password, has one address of each kind. */
export function aPerson(email: string, of: Partial<FullIdentity> = {}): FullIdentity {
  return anIdentity({
    traits: { email },
    verifiableAddresses: [aVerifiableAddress(email)],
    recoveryAddresses: [aRecoveryAddress(email)],
    credentials: { password: aCredential({ identifiers: [email] }) },
    ...of,
  });
}

export function aCredential(of: Partial<Credential> = {}): Credential {
  return {
    type: 'password',
    identifiers: [],
    config: { hashed_password: '$argon2id$v=19$' },
    version: 0,
    createdAtMs: START_MS,
    updatedAtMs: START_MS,
    ...of,
  };
}

export function aVerifiableAddress(value: string, of: Partial<VerifiableAddress> = {}): VerifiableAddress {
  return {
    id: newUuid(),
    value,
    via: 'email',
    verified: false,
    status: 'pending',
    createdAtMs: START_MS,
    updatedAtMs: START_MS,
    ...of,
  };
}

export function aRecoveryAddress(value: string): FullIdentity['recoveryAddresses'][number] {
  return { id: newUuid(), value, via: 'email', createdAtMs: START_MS, updatedAtMs: START_MS };
}

export function aSession(identityId: IdentityId, of: Partial<Session> = {}): Session {
  return {
    id: newSessionId(),
    identityId,
    active: true,
    issuedAtMs: START_MS,
    authenticatedAtMs: START_MS,
    expiresAtMs: START_MS + 3_600_000,
    authMethods: [{ method: 'password', aal: 'aal1', completedAtMs: START_MS }],
    devices: [{ id: newUuid(), ipAddress: '192.0.2.7', userAgent: 'Browser', location: null }],
    ...of,
  };
}

export function aFlow(of: Partial<Flow> = {}): Flow {
  return {
    id: newFlowId(),
    kind: 'login',
    type: 'browser',
    state: 'choose_method',
    issuedAtMs: START_MS,
    expiresAtMs: START_MS + 600_000,
    requestUrl: 'https://login.example/self-service/login/browser',
    form: { nodes: [], messages: [] },
    refresh: false,
    requestedAal: 'aal1',
    internal: {},
    version: 0,
    ...of,
  };
}
