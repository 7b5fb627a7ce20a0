// Signing up by a code: traits first, then a code to each of their addresses, then the account.
import { isDeepStrictEqual } from 'node:util';
import type { RegistrationAttempt, RegistrationHandler } from '../../../flow/method/contract.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type RegistrationOutcome, rejected } from '../../../flow/method/outcome.ts';
import { TOO_MANY_MESSAGES } from '../../../flow/secret/budget.ts';
import { append, methodButton } from '../../../form/node.ts';
import { flattenTraits } from '../../../form/trait-nodes.ts';
import type { ValidatedTraits } from '../../../identity/validate.ts';
import { isJsonObject, type JsonObject } from '../../../lib/json.ts';
import * as core from '../../../protocol/messages.ts';
import { Type } from '../../../schema/typebox.ts';
import { checkCode, TOO_OFTEN } from '../check.ts';
import type { CodeConfig } from '../config.ts';
import { type CodeAddress, codeAddresses } from '../credential.ts';
import * as messages from '../messages.ts';
import { NAME } from '../nodes.ts';
import { mayWriteTo, prepareCode } from '../send.ts';
import { sentRegistrationForm } from './nodes.ts';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  resend: Type.Optional(Type.String()),
  traits: Type.Optional(Type.Object({}, { additionalProperties: true })),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export function codeRegistration(deps: MethodDeps, config: CodeConfig): RegistrationHandler {
  return {
    payload,
    nodes: (moment) =>
      Promise.resolve(
        moment.kind === 'profile' ? [] : [append(methodButton(NAME, NAME, messages.sendRegistrationCode()))],
      ),
    submit: (attempt) => submit(deps, config, attempt),
  };
}

interface Checked {
  readonly attempt: RegistrationAttempt;
  /** As submitted. */
  readonly traits: JsonObject;
  readonly validated: ValidatedTraits;
  readonly addresses: readonly CodeAddress[];
}

async function submit(
  deps: MethodDeps,
  config: CodeConfig,
  attempt: RegistrationAttempt,
): Promise<RegistrationOutcome> {
  const { flow, payload: body } = attempt;
  const isSending = flow.state === 'choose_method' || body['resend'] === NAME;
  if (!isSending && flow.state !== 'sent_email') return rejected(core.noRegistrationMethod());
  const traits = isJsonObject(body['traits']) ? body['traits'] : {};
  // Behind the first step the accepted traits stay in the form, whatever comes.
  const shown = isSending ? { echo: flattenTraits(traits, 'traits') } : {};
  const checked = attempt.validate(traits);
  if (!checked.ok) return { kind: 'rejected', problems: checked.problems, ...shown };
  const own = checked.value.credentials.find((credential) => credential.type === NAME);
  const addresses = own ? codeAddresses({ identifiers: own.identifiers, config: own.config ?? {} }) : [];
  if (addresses.length === 0) return { ...rejected(core.missingIdentifier()), ...shown };
  const of: Checked = { attempt, traits, validated: checked.value, addresses };
  return isSending ? send(deps, config, of) : prove(deps, config, of);
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
      internal: { accepted: validated.traits },
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
  config: CodeConfig,
  { attempt, validated, addresses }: Checked,
): Promise<RegistrationOutcome> {
  const { flow } = attempt;
  const code = String(attempt.payload['code'] ?? '');
  if (code === '') return rejected(core.required('code'), 'code');
  const kept = flow.internal[NAME];
  // Otherwise a code to one address would make an account with another.
  if (!isJsonObject(kept) || !isDeepStrictEqual(kept['accepted'], validated.traits)) {
    return rejected(messages.traitsChanged());
  }
  const check = await checkCode(deps, config, { flow, purpose: 'registration', code });
  if (check.kind === 'exhausted') return rejected(core.generic(TOO_OFTEN));
  if (check.kind === 'wrong' || !addresses.some(({ address }) => address === check.secret.address)) {
    return rejected(messages.wrongRegistrationCode());
  }
  const { secret } = check;
  return {
    kind: 'registered',
    traits: validated,
    // Addresses and identifiers follow from the traits.
    credential: { type: NAME, config: {} },
    proof: { method: NAME, aal: 'aal1' },
    address: { via: secret.via, value: secret.address },
    patchOnConflict: { state: 'passed_challenge' },
    effect: async (stores) => {
      if (!(await stores.secrets.consume(secret.id))) return false;
      await stores.secrets.deleteOfFlow(flow.id);
      return true;
    },
  };
}
