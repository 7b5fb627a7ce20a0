// Signing up by a code: traits first, then a code to each of their addresses, then the account.
import { isDeepStrictEqual } from 'node:util';
import type { Flow } from '../../../flow/flow.ts';
import {
  noOffer,
  type RegistrationAt,
  type RegistrationStep,
  type Submitted,
} from '../../../flow/method/contract.ts';
import { optionalText, traitsField } from '../../../flow/method/fields.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type RegistrationOutcome, rejected } from '../../../flow/method/outcome.ts';
import { TOO_MANY_MESSAGES } from '../../../flow/secret/budget.ts';
import { append, methodButton } from '../../../form/node.ts';
import { flattenTraits } from '../../../form/trait-nodes.ts';
import type { ValidatedTraits } from '../../../identity/validate.ts';
import type { JsonObject } from '../../../lib/json.ts';
import * as core from '../../../protocol/messages.ts';
import { Type } from '../../../schema/typebox.ts';
import { findCode, guessAtCodes } from '../check.ts';
import type { CodeConfig } from '../config.ts';
import { type CodeAddress, codeAddresses } from '../credential.ts';
import * as messages from '../messages.ts';
import { NAME } from '../nodes.ts';
import { mayWriteTo, prepareCode } from '../send.ts';
import { sentRegistrationForm } from './nodes.ts';

const body = Type.Object({
  code: optionalText(),
  resend: optionalText(),
  traits: Type.Optional(traitsField),
});

export function codeRegistration(deps: MethodDeps, config: CodeConfig): RegistrationStep<typeof body> {
  return {
    body,
    offer: ({ stage }) =>
      Promise.resolve(
        stage.kind === 'profile'
          ? noOffer
          : { edits: [append(methodButton(NAME, NAME, messages.sendRegistrationCode()))] },
      ),
    guess: async ({ flow, body: sent }) =>
      isAnswer(flow, sent) && sent.code
        ? guessAtCodes(deps, config, { flow, purpose: 'registration' })
        : undefined,
    submit: (at) => submit(deps, config, at),
  };
}

type Asked = RegistrationAt & Submitted<typeof body>;

const isSending = ({ state }: Flow, { resend }: Asked['body']): boolean =>
  state === 'choose_method' || resend === NAME;

const isAnswer = (flow: Flow, sent: Asked['body']): boolean =>
  flow.state === 'sent_email' && !isSending(flow, sent);

interface Checked {
  readonly attempt: Asked;
  /** As submitted. */
  readonly traits: JsonObject;
  readonly validated: ValidatedTraits;
  readonly addresses: readonly CodeAddress[];
}

async function submit(deps: MethodDeps, config: CodeConfig, attempt: Asked): Promise<RegistrationOutcome> {
  const { flow, body: sent } = attempt;
  const sends = isSending(flow, sent);
  if (!sends && !isAnswer(flow, sent)) return rejected(core.noRegistrationMethod());
  const { traits = {} } = sent;
  // Behind the first step the accepted traits stay in the form, whatever comes.
  const shown = sends ? { echo: flattenTraits(traits, 'traits') } : {};
  const checked = attempt.validate(traits);
  if (!checked.ok) return { kind: 'rejected', problems: checked.problems, ...shown };
  const own = checked.value.credentials.find((credential) => credential.type === NAME);
  const addresses = own ? codeAddresses({ identifiers: own.identifiers, config: own.config ?? {} }) : [];
  if (addresses.length === 0) return { ...rejected(core.missingIdentifier()), ...shown };
  const of: Checked = { attempt, traits, validated: checked.value, addresses };
  return sends ? send(deps, config, of) : prove(deps, of);
}

async function send(
  deps: MethodDeps,
  config: CodeConfig,
  { attempt, traits, validated, addresses }: Checked,
): Promise<RegistrationOutcome> {
  const { flow, request } = attempt;
  if (!(await mayWriteTo(deps, addresses, request))) {
    return { ...rejected(core.generic(TOO_MANY_MESSAGES)), echo: flattenTraits(traits, 'traits') };
  }
  const made = await Promise.all(
    addresses.map(({ address, channel }) =>
      prepareCode(deps, {
        flow,
        request,
        identity: undefined,
        address,
        via: channel,
        purpose: 'registration',
        templateName: 'registration_code_valid',
        lifespanMs: config.config.lifespan,
        data: (code) => ({ registration_code: code, traits: validated.traits }),
      }),
    ),
  );
  return {
    kind: 'continue',
    patch: {
      nodes: sentRegistrationForm(flow, traits, deps.registrationStyle),
      messages: [messages.registrationCodeSent()],
      state: 'sent_email',
      active: NAME,
      memory: { accepted: validated.traits },
    },
    jsonStatus: 400,
    effect: async (stores) => {
      await stores.secrets.replace(
        flow.id,
        'registration',
        made.map(({ secret }) => secret),
      );
      for (const { message } of made) await stores.messages.insert(message);
      return true;
    },
  };
}

async function prove(
  deps: MethodDeps,
  { attempt, validated, addresses }: Checked,
): Promise<RegistrationOutcome> {
  const { flow } = attempt;
  const { code = '' } = attempt.body;
  if (code === '') return rejected(core.required('code'), 'code');
  // Otherwise a code to one address would make an account with another.
  if (!isDeepStrictEqual(attempt.memory['accepted'], validated.traits)) {
    return rejected(messages.traitsChanged());
  }
  const secret = await findCode(deps, { flow, purpose: 'registration', code });
  if (!secret || !addresses.some(({ address }) => address === secret.address)) {
    return rejected(messages.wrongRegistrationCode());
  }
  return {
    kind: 'registered',
    traits: validated,
    // Addresses and identifiers follow from the traits.
    credential: { type: NAME, config: {} },
    proof: { method: NAME, aal: 'aal1' },
    addresses: [{ via: secret.via, value: secret.address }],
    patchIfTaken: { state: 'passed_challenge' },
    effect: async (stores) => {
      if (!(await stores.secrets.consume(secret.id))) return false;
      await stores.secrets.deleteOfFlow(flow.id);
      return true;
    },
  };
}
