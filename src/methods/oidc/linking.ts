// An account at a provider that waits to be linked: its address is taken, so the person first signs in to what they have.

import type { LoginAt } from '../../flow/method/at.ts';
import type { HandOver, Joined, Rejected, Taken } from '../../flow/method/outcome.ts';
import { rejected } from '../../flow/method/outcome.ts';
import type { Node } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import * as core from '../../protocol/messages.ts';
import { proofOf } from './claims-to-person.ts';
import { accountsOf, identifierOf, NAME, newEntry, sealTokens, withAccount } from './credential.ts';
import * as messages from './messages.ts';
import type { Arrival } from './provider.ts';
import type { Entry, ProviderBook } from './provider-book.ts';

/** What waits; sealed with the flow, so the proof of an account links this subject and no other. */
type Waiting = {
  readonly holder: string;
  readonly provider: string;
  readonly entry: JsonObject;
  readonly aal: 'aal1' | 'aal2';
};

/** The attempt goes on as a sign-in to the account that has the address. */
export function askForAccount(
  book: ProviderBook,
  of: { readonly entry: Entry; readonly arrival: Arrival; readonly taken: Taken },
): HandOver | Rejected {
  const { entry, arrival, taken } = of;
  const { config, label } = entry.provider;
  const { holder } = taken;
  if (!holder) return rejected(core.duplicateIdentifier());
  const account = newEntry(config.id, arrival.claims.sub, sealTokens(book.deps.sealer, arrival.tokens));
  const { aal } = proofOf(entry, arrival);
  const waiting: Waiting = {
    holder: holder.id,
    provider: config.id,
    entry: account,
    aal: aal === 'aal2' ? aal : 'aal1',
  };
  const hints = taken.hints;
  const offer = {
    provider: label,
    identifier: taken.identifier,
    newLoginUrl: book.deps.loginUrl,
    credentialTypes: hints?.availableCredentialTypes ?? [],
    providers: hints?.availableProviders ?? [],
  };
  return {
    kind: 'handover',
    to: 'login',
    isUnified: true,
    patch: ({ form }) => ({
      nodes: form.nodes.flatMap((node) => linkingNode(node, { used: config.id, taken, book })),
      messages: [messages.signInToLink(offer)],
      active: NAME,
      memory: { waiting },
    }),
    pageQuery: { no_org_ui: 'true' },
  };
}

/** The node as the linking form shows it; nothing where it is of no use there. */
function linkingNode(
  node: Node,
  of: { readonly used: string; readonly taken: Taken; readonly book: ProviderBook },
): readonly Node[] {
  const { attributes, group } = node;
  if (attributes.node_type !== 'input') return [node];
  const { hints, identifier } = of.taken;
  if (attributes.name === 'provider') {
    const id = String(attributes.value);
    // The account there is the one that has no home yet: it cannot be what proves the other.
    if (id === of.used || (hints && !hints.availableProviders.includes(id))) return [];
    const label = of.book.find(id)?.provider.label ?? id;
    return [{ ...node, meta: { label: messages.confirmWith(label) } }];
  }
  if (hints && group !== 'default' && !hints.availableCredentialTypes.includes(group)) return [];
  if (attributes.name === 'identifier') {
    const { autocomplete: _shown, ...hidden } = attributes;
    return [{ ...node, attributes: { ...hidden, type: 'hidden', value: identifier } }];
  }
  if (node.meta.label?.id === 1010001) return [{ ...node, meta: { label: messages.signInAndLink() } }];
  return [node];
}

function waitingOf({ waiting }: JsonObject): Waiting | undefined {
  if (!isJsonObject(waiting)) return undefined;
  const { holder, provider, entry, aal } = waiting;
  if (typeof holder !== 'string' || typeof provider !== 'string' || !isJsonObject(entry)) return undefined;
  return { holder, provider, entry, aal: aal === 'aal2' ? 'aal2' : 'aal1' };
}

/** Links what waits, to the account that it waits for and to no other. */
export function joinWaiting(
  book: ProviderBook,
  { memory, identity }: LoginAt & { readonly identity: Snapshot },
): Joined | Rejected | undefined {
  const waiting = waitingOf(memory);
  if (!waiting || !book.find(waiting.provider)) return undefined;
  if (identity.id !== waiting.holder) return rejected(core.linkMismatch());
  const held = identity.credentials[NAME];
  const subject = String(waiting.entry['subject']);
  const isHeld = accountsOf(held).some(
    (account) => identifierOf(account) === identifierOf({ provider: waiting.provider, subject }),
  );
  const proof = { method: NAME, aal: waiting.aal, provider: waiting.provider } as const;
  if (isHeld) return { kind: 'joined', changes: [], proof };
  // Added to whatever is linked by then: another account may have been linked meanwhile.
  const link = edit(identity).credential(NAME, (now) => withAccount(now, waiting.provider, waiting.entry), {
    since: 'any',
  });
  return { kind: 'joined', changes: [link], proof };
}
