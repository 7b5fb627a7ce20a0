// The second factor by a backup code.
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { rejected } from '../../flow/method/outcome.ts';
import { type LoginStep, noOffer } from '../../flow/method/step.ts';
import { append, input, methodButton } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import { Type } from '../../schema/typebox.ts';
import { countCodes, readCodes, spendCode } from './codes.ts';
import { NAME, withCodes } from './credential.ts';
import * as messages from './messages.ts';

const body = Type.Object({ lookup_secret: Type.String({ minLength: 1, maxLength: 256 }) });

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
    guess: async ({ person }) =>
      person && { accounts: [`${NAME} of ${person.identity.id}`], secret: 'short' },
    submit: async ({ person, body: { lookup_secret: typed } }) => {
      const codes = readCodes(person?.identity.credentials[NAME]?.config, deps.sealer);
      if (!person || codes.length === 0) return rejected(messages.noCodes());
      const use = spendCode(codes, typed.trim(), toRfc3339(deps.clock.nowMs()));
      if (use.kind === 'used') return rejected(messages.alreadyUsed());
      if (use.kind === 'unknown') return rejected(messages.wrongCode());
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
