// People in a database of Kratos: as many rows for each as Kratos makes.
import { createHash, randomUUID } from 'node:crypto';
import { type KratosDb, kratosDigest, typeId } from './kratos-database.ts';

export interface KratosPersonOptions {
  readonly id?: string;
  readonly traits?: object;
  readonly schemaId?: string;
  readonly externalId?: string;
  readonly state?: 'active' | 'inactive';
  readonly metadataPublic?: object | string | number | null;
  /** By type. Everybody has a password credential, if an empty one. */
  readonly credentials?: Readonly<
    Record<
      string,
      { readonly config: object; readonly identifiers?: readonly string[]; readonly version?: number }
    >
  >;
  readonly isVerified?: boolean;
  readonly createdAt?: Date;
}

export interface KratosPersonIds {
  readonly id: string;
  readonly verifiableId: string;
  readonly recoveryId: string;
}

/** The identifier of every credential and both addresses is the e-mail address, in lower case. */
export async function addPerson(
  db: KratosDb,
  email: string,
  of: KratosPersonOptions = {},
): Promise<KratosPersonIds> {
  const [id, verifiableId, recoveryId] = [of.id ?? randomUUID(), randomUUID(), randomUUID()];
  const createdAt = of.createdAt ?? new Date(Date.UTC(2029, 4, 6, 7, 8, 9));
  const times = { created_at: createdAt, updated_at: createdAt };
  await db.insert('identities', {
    ...times,
    id,
    schema_id: of.schemaId ?? 'person',
    traits: of.traits ?? { email },
    state: of.state ?? 'active',
    state_changed_at: createdAt,
    metadata_public: of.metadataPublic === undefined ? null : JSON.stringify(of.metadataPublic),
    external_id: of.externalId ?? null,
  });
  const value = email.toLowerCase();
  const credentials = { password: { config: {} }, ...of.credentials };
  for (const [type, credential] of Object.entries(credentials))
    await addCredential(db, id, { type, value, ...credential });
  await db.insert('identity_verifiable_addresses', {
    ...times,
    id: verifiableId,
    identity_id: id,
    via: 'email',
    value,
    verified: of.isVerified ?? false,
    status: of.isVerified ? 'completed' : 'sent',
    verified_at: of.isVerified ? createdAt : null,
  });
  await db.insert('identity_recovery_addresses', {
    ...times,
    id: recoveryId,
    identity_id: id,
    via: 'email',
    value,
  });
  return { id, verifiableId, recoveryId };
}

async function addCredential(
  db: KratosDb,
  identityId: string,
  of: {
    readonly type: string;
    readonly value: string;
    readonly config: object;
    readonly identifiers?: readonly string[];
    readonly version?: number;
  },
): Promise<void> {
  const id = randomUUID();
  const type = { identity_credential_type_id: typeId(of.type), identity_id: identityId };
  await db.insert('identity_credentials', { ...type, id, config: of.config, version: of.version ?? 1 });
  for (const identifier of of.identifiers ?? [of.value]) {
    await db.insert('identity_credential_identifiers', { ...type, identity_credential_id: id, identifier });
  }
}

export interface KratosSessionOptions {
  readonly token?: string | null;
  readonly active?: boolean;
  readonly expiresAt?: Date;
  readonly aal?: 'aal1' | 'aal2';
  readonly methods?: readonly object[];
}

export async function addSession(
  db: KratosDb,
  identityId: string,
  of: KratosSessionOptions = {},
): Promise<{ readonly id: string; readonly token: string }> {
  const id = randomUUID();
  const token = of.token === undefined ? `ory_st_${id.replaceAll('-', '')}` : of.token;
  const at = new Date(Date.UTC(2029, 11, 31, 10, 11, 12));
  await db.insert('sessions', {
    id,
    identity_id: identityId,
    active: of.active ?? true,
    issued_at: at,
    authenticated_at: at,
    expires_at: of.expiresAt ?? new Date(Date.UTC(2031, 0, 1)),
    aal: of.aal ?? 'aal1',
    authentication_methods: of.methods ?? [
      { method: 'password', aal: 'aal1', completed_at: '2029-12-31T10:11:12.1Z' },
    ],
    token,
  });
  await db.insert('session_devices', {
    session_id: id,
    ip_address: '203.0.113.7',
    user_agent: 'Firefox',
    location: 'Bremen, DE',
  });
  return { id, token: token ?? '' };
}

export interface WaitingOptions {
  readonly type?: 'browser' | 'api';
  readonly value: string;
  readonly secret: string;
  /** The anti-CSRF token of the browser that started the flow. */
  readonly csrfToken?: string;
  readonly expiresAt?: Date;
}

const ISSUED = new Date(Date.UTC(2029, 11, 31));

async function addFlow(db: KratosDb, kind: 'recovery' | 'verification', of: WaitingOptions): Promise<string> {
  const id = randomUUID();
  const hidden = { type: 'input', group: 'default', messages: [], meta: {} };
  await db.insert(`selfservice_${kind}_flows`, {
    id,
    issued_at: ISSUED,
    expires_at: of.expiresAt ?? new Date(Date.UTC(2031, 0, 1)),
    active_method: 'code',
    csrf_token: of.csrfToken ? masked(of.csrfToken) : '',
    type: of.type ?? 'api',
    state: 'sent_email',
    request_url: 'http://id.example.org/self-service/x?return_to=http%3A%2F%2Fapp.example.org%2Fback',
    ui: {
      action: 'http://elsewhere.example.org/',
      method: 'POST',
      nodes: [
        {
          ...hidden,
          group: 'code',
          attributes: { name: 'code', type: 'text', required: true, disabled: false, node_type: 'input' },
        },
        {
          ...hidden,
          attributes: { name: 'csrf_token', type: 'hidden', value: 'x', disabled: false, node_type: 'input' },
        },
      ],
      messages: [],
    },
  });
  return id;
}

/** As Kratos keeps a token: 32 bytes, and the token under them. */
function masked(token: string): string {
  const pad = Buffer.alloc(32, 0x5a);
  const value = Buffer.from(token, 'base64').map((byte, index) => byte ^ (pad[index] ?? 0));
  return Buffer.concat([pad, value]).toString('base64');
}

const times = (of: WaitingOptions) => ({
  issued_at: ISSUED,
  expires_at: of.expiresAt ?? new Date(Date.UTC(2031, 0, 1)),
});

/** A recovery code on its way; returns the id of its flow. */
export async function addRecoveryCode(
  db: KratosDb,
  person: KratosPersonIds,
  of: WaitingOptions,
): Promise<string> {
  const flow = await addFlow(db, 'recovery', of);
  await db.insert('identity_recovery_codes', {
    ...times(of),
    code: kratosDigest(of.value, of.secret),
    code_type: 2,
    identity_id: person.id,
    identity_recovery_address_id: person.recoveryId,
    selfservice_recovery_flow_id: flow,
  });
  return flow;
}

export async function addVerificationCode(
  db: KratosDb,
  person: KratosPersonIds,
  of: WaitingOptions,
): Promise<string> {
  const flow = await addFlow(db, 'verification', of);
  await db.insert('identity_verification_codes', {
    ...times(of),
    code_hmac: kratosDigest(of.value, of.secret),
    identity_verifiable_address_id: person.verifiableId,
    selfservice_verification_flow_id: flow,
  });
  return flow;
}

/** A new address that waits for its verification. */
export async function addWaitingChange(
  db: KratosDb,
  person: KratosPersonIds,
  of: WaitingOptions & {
    readonly sessionId: string;
    readonly before: object;
    readonly after: { readonly email: string };
  },
): Promise<string> {
  const flow = await addFlow(db, 'verification', of);
  await db.insert('identity_verification_codes', {
    ...times(of),
    code_hmac: kratosDigest(of.value, of.secret),
    identity_verifiable_address_id: null,
    selfservice_verification_flow_id: flow,
  });
  await db.insert('identity_pending_traits_changes', {
    identity_id: person.id,
    session_id: of.sessionId,
    new_address_value: of.after.email,
    new_address_via: 'email',
    original_traits_hash: createHash('sha256').update(JSON.stringify(of.before)).digest('hex'),
    proposed_traits: of.after,
    verification_flow_id: flow,
    status: 'pending',
  });
  return flow;
}
