// What a hook made out of a person -> changes of what is stored, each bound to what the hook has seen.
import { isDeepStrictEqual } from 'node:util';
import { type Change, edit, override } from '../../identity/change/change.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { type ValidateTraits, validateTraits } from '../../identity/validate.ts';
import type { Problem } from '../../protocol/message.ts';
import type { FlowDeps } from '../deps.ts';

export type HookChanges =
  | { readonly ok: true; readonly changes: readonly Change[] }
  /** The traits do not fit their schema. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * The difference between what a hook was shown and what it answers with. Credentials, addresses by themselves and ids are
 * not a hook's to change: addresses follow from traits, and may be said to be verified.
 */
export function changesOfHook(
  of: { readonly seen: Snapshot; readonly shown: FullIdentity; readonly wanted: FullIdentity },
  validate: ValidateTraits,
): HookChanges {
  const { seen, shown, wanted } = of;
  const { traits, metadata, externalId, verify } = edit(seen);
  const changes: Change[] = [];
  if (shown.schemaId !== wanted.schemaId || !isDeepStrictEqual(shown.traits, wanted.traits)) {
    const checked = validate(wanted.traits);
    if (!checked.ok) return checked;
    changes.push(traits(checked.value));
  }
  for (const [which, name] of [
    ['public', 'metadataPublic'],
    ['admin', 'metadataAdmin'],
  ] as const) {
    if (!isDeepStrictEqual(shown[name], wanted[name])) changes.push(metadata(which, () => wanted[name]));
  }
  if (shown.externalId !== wanted.externalId) changes.push(externalId(wanted.externalId ?? null));
  if (shown.state !== wanted.state) changes.push(override(seen.id).state(wanted.state));
  for (const { via, value, verified } of wanted.verifiableAddresses) {
    const before = shown.verifiableAddresses.find((held) => held.via === via && held.value === value);
    if (verified && !before?.verified) changes.push(verify({ via, value }));
  }
  return { ok: true, changes };
}

/** The same, with the schema that the person has afterwards. */
export function changesByHooks(
  { schemas }: Pick<FlowDeps, 'schemas'>,
  seen: Snapshot,
  of: { readonly shown: FullIdentity; readonly wanted: FullIdentity },
): HookChanges {
  if (of.shown === of.wanted) return { ok: true, changes: [] };
  const schema = schemas.get(of.wanted.schemaId);
  return changesOfHook({ seen, ...of }, (traits) => validateTraits(schema, traits));
}
