// Which security events follow from a change of an identity?
import type { SecurityEvent } from '../event/event.ts';
import type { FullIdentity, Identity } from './identity.ts';

type Happened = Pick<SecurityEvent, 'kind' | 'identityId' | 'method'>;

/** What happened when an administrator made `after` out of `before`. */
export function changeEvents(before: FullIdentity, after: FullIdentity): readonly Happened[] {
  const identityId = after.id;
  const events: Happened[] = [{ kind: 'identity.updated', identityId }];
  if (before.state !== after.state) {
    events.push({ kind: after.state === 'active' ? 'identity.enabled' : 'identity.disabled', identityId });
  }
  for (const type of new Set([...Object.keys(before.credentials), ...Object.keys(after.credentials)])) {
    const kind = credentialChange(heldConfig(before, type), heldConfig(after, type));
    if (kind) events.push({ kind, identityId, method: type });
  }
  if (addressValues(before) !== addressValues(after)) events.push({ kind: 'address.changed', identityId });
  if (hasNewlyVerified(before, after)) events.push({ kind: 'address.verified', identityId });
  return events;
}

/** The config as text; undefined where the credential says no more than which identifiers are taken. */
function heldConfig(identity: FullIdentity, type: string): string | undefined {
  const config = identity.credentials[type]?.config;
  return config && Object.keys(config).length > 0 ? JSON.stringify(config) : undefined;
}

function credentialChange(before: string | undefined, after: string | undefined) {
  if (before === after) return undefined;
  if (before === undefined) return 'credential.added';
  return after === undefined ? 'credential.removed' : 'credential.changed';
}

function addressValues({ verifiableAddresses, recoveryAddresses }: Identity): string {
  const values = (addresses: Identity['recoveryAddresses'] | Identity['verifiableAddresses']) =>
    addresses.map(({ via, value }) => `${via}:${value}`).sort();
  return JSON.stringify([values(verifiableAddresses), values(recoveryAddresses)]);
}

function hasNewlyVerified(before: Identity, after: Identity): boolean {
  const isVerified = (identity: Identity, id: string): boolean =>
    identity.verifiableAddresses.some((address) => address.id === id && address.verified);
  return after.verifiableAddresses.some(({ id, verified }) => verified && !isVerified(before, id));
}
