// An identity to be shown and not to be changed: what it holds as JSON stays the text that is stored.
import type { Identity } from './identity.ts';

/** Reading and writing again what nobody looks at costs more than finding it. */
export interface ShownIdentity extends Omit<Identity, 'traits' | 'metadataPublic' | 'metadataAdmin'> {
  /** JSON texts, as JSON.stringify writes them. */
  readonly traits: string;
  readonly metadataPublic: string;
  readonly metadataAdmin: string;
}

export function asShown(identity: Identity): ShownIdentity {
  return {
    ...identity,
    traits: JSON.stringify(identity.traits),
    metadataPublic: JSON.stringify(identity.metadataPublic),
    metadataAdmin: JSON.stringify(identity.metadataAdmin),
  };
}
