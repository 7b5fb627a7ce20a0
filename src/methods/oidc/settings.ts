// Linking accounts at providers to one's own, and taking them out again.

import type { Person, SettingsAt } from '../../flow/method/at.ts';
import type { Returned } from '../../flow/method/callback.ts';
import { optionalText } from '../../flow/method/fields.ts';
import { type Rejected, rejected, type SettingsOutcome } from '../../flow/method/outcome.ts';
import type { Offer, SettingsStep } from '../../flow/method/step.ts';
import { edit } from '../../identity/change/change.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { arriveFrom, withFaults } from './arrival.ts';
import { proofOf, subjectOf } from './claims-to-person.ts';
import { accountsOf, NAME, newEntry, sealTokens, stored, withAccount } from './credential.ts';
import { departTo, upstreamBody } from './departure.ts';
import { linkButton, unlinkButton } from './nodes.ts';
import type { ProviderBook } from './provider-book.ts';

const body = Type.Object({
  link: optionalText(),
  unlink: optionalText(),
  upstream_parameters: upstreamBody,
});

const linkedIds = ({ identity }: SettingsAt): readonly string[] => [
  ...new Set(accountsOf(identity.credentials[NAME]).map(({ provider }) => provider)),
];

export function oidcSettings(book: ProviderBook): SettingsStep<typeof body> {
  return {
    body,
    query: 'beside',
    isAlwaysSensitive: true,
    offer: (at) => Promise.resolve(offerFor(book, at)),
    submit: async (at) => {
      const { link = '', unlink = '' } = at.body;
      if (link !== '' && unlink !== '') return refuse('Link one account or unlink one, not both at once.');
      if (link !== '') return startLink(book, at, { id: link, upstream: at.body.upstream_parameters });
      if (unlink !== '') return unlinked(book, at, unlink);
      return rejected(core.noSettingsMethod());
    },
  };
}

const refuse = (reason: string): Rejected => rejected(core.generic(reason));

/** What is linked can be unlinked while another way to sign in stays; everything else can be linked. */
function offerFor(book: ProviderBook, at: SettingsAt): Offer {
  const linked = linkedIds(at);
  const free = book.entries.filter(({ provider }) => !linked.includes(provider.config.id));
  const known = linked.filter((id) => book.find(id));
  return {
    edits: [
      ...free.map(({ provider }) => linkButton(provider)),
      ...(at.factors.first > 1
        ? known.map((id) => unlinkButton(id, book.find(id)?.provider.label ?? id))
        : []),
    ],
  };
}

async function startLink(
  book: ProviderBook,
  at: SettingsAt,
  { id, upstream }: { readonly id: string; readonly upstream: unknown },
): Promise<SettingsOutcome> {
  const entry = book.find(id);
  if (!entry) return refuse('Unknown provider.');
  if (linkedIds(at).includes(id)) return refuse(`${entry.provider.label} is linked already.`);
  return departTo(entry, { at, upstream });
}

/** All accounts at this provider go: one button stands for them. */
function unlinked(book: ProviderBook, at: SettingsAt & Person, id: string): SettingsOutcome {
  if (!linkedIds(at).includes(id)) return refuse('This provider is not linked.');
  const isUsable = book.find(id) !== undefined;
  if (isUsable && at.factors.first < 2) {
    return refuse('This is the last way to sign in. Add another one first.');
  }
  return {
    kind: 'changed',
    isSensitive: true,
    changes: [
      edit(at.identity).credential(NAME, (held) => {
        const rest = accountsOf(held).filter(({ provider }) => provider !== id);
        return rest.length === 0 ? 'remove' : stored(rest);
      }),
    ],
  };
}

export const returnToSettings =
  (book: ProviderBook) =>
  (at: SettingsAt & Person & Returned): Promise<SettingsOutcome> =>
    withFaults(book, async (): Promise<SettingsOutcome> => {
      const { entry, arrival } = await arriveFrom(book, at);
      const { id } = entry.provider.config;
      const { identities } = book.deps.database.stores;
      const holder = await identities.findFullByIdentifier([subjectOf(entry, arrival)], NAME);
      if (holder && holder.id !== at.identity.id) return rejected(core.duplicateIdentifier());
      if (linkedIds(at).includes(id)) return refuse(`${entry.provider.label} is linked already.`);
      const account = newEntry(id, arrival.claims.sub, sealTokens(book.deps.sealer, arrival.tokens));
      return {
        kind: 'changed',
        isSensitive: true,
        changes: [
          edit(at.identity).credential(NAME, (held) => withAccount(held, id, account), { since: 'any' }),
        ],
        proof: proofOf(entry, arrival),
      };
    });
