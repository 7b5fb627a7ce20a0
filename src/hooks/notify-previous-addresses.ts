// Whoever had an address of the account learns of it when the addresses change: a thief cannot do it in silence.
import type { Static } from 'typebox';
import type { CourierMessage } from '../courier/message.ts';
import type { HookContext, HookDefinition, HookDeps } from '../flow/hook/contract.ts';
import type { Effect } from '../flow/method/outcome.ts';
import type { VerifiableAddress } from '../identity/identity.ts';
import { identityToJson } from '../identity/view.ts';
import { toRfc3339 } from '../lib/clock.ts';
import { Type } from '../schema/typebox.ts';

type Recipients = 'removed' | 'all_verified' | 'all';

const config = Type.Object(
  {
    recipients: Type.Optional(
      Type.Unsafe<Recipients>({
        type: 'string',
        enum: ['removed', 'all_verified', 'all'],
        description:
          'Which of the earlier addresses are written to; those that were removed where nothing is said.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const notifyPreviousAddresses: HookDefinition<Static<typeof config> | undefined> = {
  name: 'notify_previous_addresses',
  flows: ['settings'],
  config,
  create: (own, deps) => ({
    inTransaction: (context) => notify(deps, context, own?.recipients ?? 'removed'),
  }),
};

async function notify(
  { composeNotice, publicUrl }: HookDeps,
  context: HookContext,
  recipients: Recipients,
): Promise<Effect | undefined> {
  if (context.kind !== 'settings') return undefined;
  const { identity, previous, atMs } = context;
  const isIn = (list: readonly VerifiableAddress[], { via, value }: VerifiableAddress): boolean =>
    list.some((held) => held.via === via && held.value === value);
  const before = previous.verifiableAddresses;
  const after = identity.verifiableAddresses;
  const isSame = before.length === after.length && before.every((address) => isIn(after, address));
  if (isSame) return undefined;
  const told = before.filter((address) => {
    if (recipients === 'removed') return !isIn(after, address);
    return recipients === 'all' || address.verified;
  });
  const queued: CourierMessage[] = [];
  for (const { via, value } of told) {
    const message = await composeNotice({
      templateName: 'verifiable_address_changed',
      type: via,
      recipient: value,
      data: { to: value, identity: identityToJson(identity, { publicUrl }), changed_at: toRfc3339(atMs) },
    });
    if (message) queued.push(message);
  }
  return async (stores) => {
    for (const message of queued) await stores.messages.insert(message);
    return true;
  };
}
