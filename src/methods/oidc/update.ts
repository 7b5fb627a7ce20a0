// Brings a person up to date with what their provider says now, where the configuration wants it.
import { type Change, edit } from '../../identity/change/change.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import { validateTraits } from '../../identity/validate.ts';
import { isJsonObject } from '../../lib/json.ts';
import type { Arrived } from './arrival.ts';
import { mergeTraits } from './mapper.ts';
import type { ProviderBook } from './provider-book.ts';

export interface UpToDate {
  readonly changes?: readonly Change[];
}

/**
 * The mapper wins over what is stored; other traits stay, and metadata changes only where the mapper puts some out. Claims that
 * do not fit the schema, or an address that somebody else has, change nothing: they must keep nobody from signing in.
 */
export async function upToDate(
  book: ProviderBook,
  { arrived, identity }: { readonly arrived: Arrived; readonly identity: Snapshot },
): Promise<UpToDate> {
  const { entry, arrival } = arrived;
  if (entry.provider.config.update_identity_on_login !== 'automatic') return {};
  const { deps } = book;
  const mapped = await entry.mapper.map({
    claims: arrival.claims,
    identity: {
      traits: identity.traits,
      metadata_public: identity.metadataPublic ?? {},
      metadata_admin: identity.metadataAdmin ?? {},
    },
  });
  const seen = edit(identity);
  const changes: Change[] = [];
  const traits = mergeTraits(identity.traits, mapped.traits);
  const checked = validateTraits(deps.schemas.get(identity.schemaId), traits);
  if (!checked.ok) {
    deps.log.warn('the claims of a provider do not fit the schema, so the identity stays as it is', {
      identity_id: identity.id,
    });
    return {};
  }
  const { verifiable, recovery, credentials } = checked.value;
  const holder = await deps.database.stores.identities.findHolder({
    identifiers: credentials.flatMap(({ type, identifiers }) =>
      identifiers.map((identifier) => ({ type, identifier })),
    ),
    addresses: [...verifiable, ...recovery],
    exceptId: identity.id,
  });
  if (holder) {
    deps.log.warn(
      'an address that a provider names belongs to somebody else, so the identity stays as it is',
      {
        identity_id: identity.id,
      },
    );
    return {};
  }
  if (!isSame(identity.traits, checked.value.traits)) changes.push(seen.traits(checked.value));
  const { metadataPublic, metadataAdmin } = mapped;
  if (metadataPublic && !isSame(identity.metadataPublic, metadataPublic)) {
    changes.push(seen.metadata('public', () => metadataPublic));
  }
  if (metadataAdmin && !isSame(identity.metadataAdmin, metadataAdmin)) {
    changes.push(seen.metadata('admin', () => metadataAdmin));
  }
  // The person is who they were, so this proof ends nothing that they have.
  changes.push(...mapped.verified.map(seen.verify));
  return { changes };
}

/** The order of members says nothing. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(a[name], b[name]));
}
