// The second factor by a backup code.
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type Rejected, rejected } from '../../flow/method/outcome.ts';
import { type LoginStep, noOffer } from '../../flow/method/step.ts';
import { append, clear, input, methodButton } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import type { Message } from '../../protocol/message.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { countCodes, readCodes, spendCode } from './codes.ts';
import { NAME, withCodes } from './credential.ts';
import * as messages from './messages.ts';

const body = Type.Object({ lookup_secret: Type.Optional(Type.String()) });

export function lookupLogin(deps: MethodDeps): LoginStep<typeof body> {
  return {
    levels: ['aal2'],
    body,
    offer: async ({ stage }) => {
      if (stage.kind !== 'second-factor') return noOffer;
      if (countCodes(stage.identity.credentials[NAME]?.config).all === 0) return noOffer;
      const field = { name: NAME, type: 'text', value: '', required: true } as const;
      return {
        edits: [
          append(input(NAME, field, messages.codeLabel())),
          append(methodButton(NAME, NAME, messages.useCode())),
        ],
      };
    },
    // Only who has given the first factor gets as far as this, so strangers spend nobody's tries.
    guess: async ({ person, body: { lookup_secret: typed = '' } }) =>
      person && typed !== ''
        ? { accounts: [`${NAME} of ${person.identity.id}`], secret: 'short' }
        : undefined,
    submit: async ({ person, body: { lookup_secret: typed = '' } }) => {
      if (typed === '') return again(core.required(NAME), NAME);
      const codes = readCodes(person?.identity.credentials[NAME]?.config, deps.sealer);
      if (!person || codes.length === 0) return again(messages.noCodes());
      const use = spendCode(codes, typed.trim(), toRfc3339(deps.clock.nowMs()));
      if (use.kind === 'used') return again(messages.alreadyUsed());
      if (use.kind === 'unknown') return again(messages.wrongCode());
      const { identity } = person;
      const spent = withCodes(use.codes, { identityId: identity.id, sealer: deps.sealer });
      return {
        kind: 'authenticated',
        identity,
        proof: { method: NAME, aal: 'aal2' },
        changes: [edit(identity).upkeep(NAME, () => spent)],
      };
    },
  };
}

/** What was typed never comes back: it may be a code with one wrong letter. */
function again(message: Message, at?: string): Rejected {
  return rejected(message, at, { edits: [clear(NAME)] });
}
