// A live session of Kratos -> the same session here, under the same token.
import { parseUuid, type SessionId } from '../../lib/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { reachedAal } from '../../session/aal.ts';
import type { AuthMethodRef, Session } from '../../session/session.ts';
import type { Row } from '../database/database.ts';
import type { KratosSession } from '../read/sessions.ts';
import { jsonAt, textAt, timeAt, toMs } from '../read/values.ts';
import { identityId } from './person.ts';

export interface ConvertedSession {
  readonly session: Session;
  readonly tokenDigest: string;
}

/** Undefined where it has no token: releases of long ago knew it by its id, in cookies that have ended. Throws an Error where it makes no sense. */
export function convertSession({ session: row, devices }: KratosSession): ConvertedSession | undefined {
  const id = parseUuid<SessionId>(row['id']);
  if (!id) throw new Error('its id is no UUID');
  const { token } = row;
  if (!token) return undefined;
  const authenticatedAtMs = timeAt(row, 'authenticated_at');
  return {
    session: {
      id,
      identityId: identityId(row, 'identity_id'),
      active: true,
      issuedAtMs: timeAt(row, 'issued_at'),
      authenticatedAtMs,
      expiresAtMs: timeAt(row, 'expires_at'),
      authMethods: toProofs(row, authenticatedAtMs),
      devices: devices.map(toDevice),
    },
    tokenDigest: tokenDigest(token),
  };
}

function toDevice(row: Row): Session['devices'][number] {
  return {
    id: textAt(row, 'id'),
    ipAddress: row['ip_address'] || null,
    userAgent: row['user_agent'] || null,
    location: row['location'] ?? '',
  };
}

function toProofs(row: Row, authenticatedAtMs: number): readonly AuthMethodRef[] {
  const listed = jsonAt(row, 'authentication_methods');
  const proofs = Array.isArray(listed)
    ? listed.filter(isJsonObject).map((proof: JsonObject) => toProof(proof, authenticatedAtMs))
    : [];
  if (row['aal'] !== 'aal2' || reachedAal(proofs) === 'aal2') return proofs;
  // Kratos counted one proof as two factors, as that of a provider that vouches for both.
  const last = proofs.findLastIndex(({ aal }) => aal === 'aal2');
  return proofs.map((proof, index) => (index === last ? { ...proof, countsForBoth: true } : proof));
}

function toProof(proof: JsonObject, authenticatedAtMs: number): AuthMethodRef {
  const {
    method,
    aal,
    completed_at: at,
    provider,
    organization,
    upstream_acr: acr,
    upstream_amr: amr,
  } = proof;
  return {
    method: textOr(method, ''),
    aal: aal === 'aal2' ? 'aal2' : 'aal1',
    completedAtMs: typeof at === 'string' ? toMs(at) : authenticatedAtMs,
    ...(textOr(provider, '') ? { provider: textOr(provider, '') } : {}),
    ...(textOr(organization, '') ? { organization: textOr(organization, '') } : {}),
    ...(textOr(acr, '') ? { upstreamAcr: textOr(acr, '') } : {}),
    ...(Array.isArray(amr) ? { upstreamAmr: amr.filter((value: Json) => typeof value === 'string') } : {}),
  };
}

const textOr = (value: Json | undefined, other: string): string =>
  typeof value === 'string' ? value : other;
