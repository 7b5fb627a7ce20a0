// Whoever had an address of the account learns of it when the addresses change: a thief cannot do it in silence.
import type { Static } from 'typebox';
import type { CourierMessage } from '../courier/message.ts';
import { type HookAnswer, type HookContext, type HookDefinition, pass } from '../flow/hook/contract.ts';
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
  create: (own) => ({ together: (context) => notify(context, own?.recipients ?? 'removed') }),
};

async function notify(context: HookContext, recipients: Recipients): Promise<HookAnswer> {
  const { identity, previous, atMs, publicUrl = '', composeNotice } = context;
  if (!identity || !previous || !composeNotice) return pass;
  const isIn = (list: readonly VerifiableAddress[], { via, value }: VerifiableAddress): boolean =>
    list.some((held) => held.via === via && held.value === value);
  const before = previous.verifiableAddresses;
  const after = identity.verifiableAddresses;
  const isSame = before.length === after.length && before.every((address) => isIn(after, address));
  if (isSame) return pass;
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
  const effect: Extract<HookAnswer, { kind: 'pass' }>['effect'] = async (stores) => {
    for (const message of queued) await stores.messages.insert(message);
    return true;
  };
  return { kind: 'pass', effect };
}
