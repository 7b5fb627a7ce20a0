// The second factor by a code of an authenticator app.

import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type Rejected, rejected } from '../../flow/method/outcome.ts';
import { type LoginStep, noOffer } from '../../flow/method/step.ts';
import { append, clear, input, methodButton } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import type { Message } from '../../protocol/message.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { NAME, readDevice, usedDevice } from './credential.ts';
import { acceptedStep } from './device.ts';
import * as messages from './messages.ts';

const body = Type.Object({ totp_code: Type.Optional(Type.String()) });

const MIN_LENGTH = 6;

export function totpLogin(deps: MethodDeps): LoginStep<typeof body> {
  return {
    levels: ['aal2'],
    body,
    offer: async ({ stage }) => {
      const hasApp =
        stage.kind === 'second-factor' &&
        readDevice(stage.identity.credentials[NAME], deps.sealer) !== undefined;
      if (!hasApp) return noOffer;
      const field = { name: 'totp_code', type: 'text', value: '', required: true } as const;
      return {
        edits: [
          append(input(NAME, field, messages.codeLabel())),
          append(methodButton(NAME, NAME, messages.useApp())),
        ],
      };
    },
    // Only who has given the first factor gets as far as this, so strangers spend nobody's tries.
    guess: async ({ person, body: { totp_code: code = '' } }) =>
      person && code.length >= MIN_LENGTH
        ? { accounts: [`${NAME} of ${person.identity.id}`], secret: 'short' }
        : undefined,
    submit: async ({ person, body: { totp_code: code = '' } }) => {
      if (code === '') return again(core.required('totp_code'), 'totp_code');
      if (code.length < MIN_LENGTH) return again(core.tooShort(MIN_LENGTH, code.length), 'totp_code');
      const device = readDevice(person?.identity.credentials[NAME], deps.sealer);
      if (!person || !device) return again(messages.noApp());
      const nowMs = deps.clock.nowMs();
      const step = await acceptedStep(device.url, code, { nowMs, afterStep: device.lastStep });
      if (step === undefined) return again(messages.wrongCode());
      const { identity } = person;
      const used = { step, now: toRfc3339(nowMs), identityId: identity.id, sealer: deps.sealer };
      return {
        kind: 'authenticated',
        identity,
        proof: { method: NAME, aal: 'aal2' },
        // A code that is sent several times at once is good for the first only: the others see its step.
        changes: [edit(identity).upkeep(NAME, () => usedDevice(device.url, used))],
      };
    },
  };
}

/** What was typed never comes back: it may still be good for a moment. */
function again(message: Message, at?: string): Rejected {
  return rejected(message, at, { edits: [clear('totp_code')] });
}
