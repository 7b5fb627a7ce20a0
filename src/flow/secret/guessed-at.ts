// Strangers have used up their tries at an account: its owner is told, with a link that tells their browser from strangers'.
import type { FullIdentity } from '../../identity/identity.ts';
import { identityToJson } from '../../identity/view.ts';
import { type IdentityId, parseUuid } from '../../lib/ids.ts';
import { isJsonObject, type Json } from '../../lib/json.ts';
import { withQuery } from '../../lib/url.ts';
import { lookupForms } from '../../schema/normalise.ts';
import type { FlowDeps } from '../deps.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Where the link leads: it makes the browser a known one, and shows the form to sign in. */
export const KNOWN_DEVICE_PATH = '/self-service/known-device';

/** Mails the owner of the account that was named or typed, at most once a day. Where nobody has it, nobody is written to. */
export async function tellOwner(deps: FlowDeps, account: string): Promise<void> {
  if (!(await deps.budget.isFirstSince(`guessed at ${account}`, DAY_MS))) return;
  const owner = await ownerOf(deps, account);
  const address = owner && mailboxOf(owner);
  if (!address) return;
  const token = deps.knownDeviceSealer.seal(
    JSON.stringify({ identityId: owner.id, expiresAtMs: deps.clock.nowMs() + DAY_MS }),
  );
  const message = await deps.composeNotice({
    templateName: 'account_guessed_at',
    type: 'email',
    recipient: address,
    data: {
      to: address,
      identity: identityToJson(owner, { publicUrl: deps.settings.publicUrl }),
      sign_in_url: withQuery(`${deps.settings.publicUrl}${KNOWN_DEVICE_PATH.slice(1)}`, { token }),
    },
  });
  if (message) await deps.database.stores.messages.insert(message);
}

/** Whose link this is; undefined where it was not made here or is too old. */
export function openKnownDeviceLink(
  deps: Pick<FlowDeps, 'clock' | 'knownDeviceSealer'>,
  token: string,
): IdentityId | undefined {
  const opened = deps.knownDeviceSealer.open(token);
  const link: Json = opened === undefined ? null : JSON.parse(opened);
  if (!isJsonObject(link)) return undefined;
  const { identityId, expiresAtMs } = link;
  if (typeof identityId !== 'string' || typeof expiresAtMs !== 'number') return undefined;
  return expiresAtMs > deps.clock.nowMs() ? parseUuid<IdentityId>(identityId) : undefined;
}

async function ownerOf(deps: FlowDeps, account: string): Promise<FullIdentity | undefined> {
  const { identities } = deps.database.stores;
  const id = parseUuid<IdentityId>(account);
  const byId = id && (await identities.findFull(id));
  if (byId) return byId;
  const names = lookupForms(account);
  const addresses = names.flatMap((value) => (['email', 'sms'] as const).map((via) => ({ via, value })));
  return (
    (await identities.findFullByIdentifier(names)) ?? identities.findHolder({ identifiers: [], addresses })
  );
}

/** One that is proven goes first: only its owner is known to read it. */
export function mailboxOf(owner: FullIdentity): string | undefined {
  const mailboxes = owner.verifiableAddresses.filter(({ via }) => via === 'email');
  const proven = mailboxes.find(({ verified }) => verified) ?? mailboxes[0];
  return proven?.value ?? owner.recoveryAddresses.find(({ via }) => via === 'email')?.value;
}
