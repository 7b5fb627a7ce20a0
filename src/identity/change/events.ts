// Which security events follow from a change of an identity?
import type { SecurityEvent } from '../../event/event.ts';
import type { FullIdentity, Identity } from '../identity.ts';
import type { Change } from './change.ts';
import { changedCredentials } from './ends.ts';
import { credentialFingerprint } from './snapshot.ts';

type Happened = Pick<SecurityEvent, 'kind' | 'identityId' | 'method'>;

/** What happened when `after` was made out of `before`. */
export function changeEvents(
  before: FullIdentity,
  after: FullIdentity,
  of: {
    readonly made?: readonly Change[];
    /** True: somebody looked after the account, which is an event even where nothing is different. */
    readonly isAdministration?: boolean | undefined;
  } = {},
): readonly Happened[] {
  const identityId = after.id;
  const events: Happened[] = [];
  if (of.isAdministration || facts(before) !== facts(after)) {
    events.push({ kind: 'identity.updated', identityId });
  }
  if (before.state !== after.state) {
    events.push({ kind: after.state === 'active' ? 'identity.enabled' : 'identity.disabled', identityId });
  }
  for (const type of changedCredentials(before, after, of.made)) {
    events.push({ kind: credentialChange(before, after, type), identityId, method: type });
  }
  if (addressValues(before) !== addressValues(after)) events.push({ kind: 'address.changed', identityId });
  if (hasNewlyVerified(before, after)) events.push({ kind: 'address.verified', identityId });
  return events;
}

/** What the identity says of its person, beside credentials and addresses. */
const facts = ({ schemaId, traits, metadataPublic, metadataAdmin, externalId, organizationId }: Identity) =>
  JSON.stringify([schemaId, traits, metadataPublic, metadataAdmin, externalId, organizationId]);

function credentialChange(before: FullIdentity, after: FullIdentity, type: string) {
  if (credentialFingerprint(before, type) === 'absent') return 'credential.added';
  return credentialFingerprint(after, type) === 'absent' ? 'credential.removed' : 'credential.changed';
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
