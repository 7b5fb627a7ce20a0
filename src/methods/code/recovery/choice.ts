// Recovery for people with several addresses: they choose the one that gets the code, and show that they know it in full.

import type { Flow } from '../../../flow/flow.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type Continue, type ProofOutcome, rejected } from '../../../flow/method/outcome.ts';
import { findByRecoveryAddress, usable } from '../../../flow/proof/address-owner.ts';
import { TOO_MANY_MESSAGES } from '../../../flow/secret/budget.ts';
import { csrfNode, input, type Node } from '../../../form/node.ts';
import type { AddressVia } from '../../../identity/identity.ts';
import { equalSecrets, keyedDigest } from '../../../lib/secret.ts';
import * as core from '../../../protocol/messages.ts';
import { fold } from '../../../schema/normalise.ts';
import { toE164 } from '../../../schema/phone.ts';
import type { CodeConfig } from '../config.ts';
import { maskAddress } from '../mask-address.ts';
import * as messages from '../messages.ts';
import { codeField, hiddenMethod, NAME, resendButton, submitButton } from '../nodes.ts';
import type { RecoveryAsked } from './body.ts';
import { proveByCode, sendRecoveryCode } from './code.ts';

/** The states of such a recovery, in their order; `passed_challenge` follows. */
export const STATES = {
  address: 'recovery_awaiting_address',
  choice: 'recovery_awaiting_address_choice',
  confirmation: 'recovery_confirming_address',
  code: 'recovery_awaiting_code',
} as const;

/** The way is fixed when a flow is made, whatever the configuration says meanwhile. */
export const isChoice = ({ state }: Pick<Flow, 'state'>): boolean =>
  Object.values<string>(STATES).includes(state);

/** What is shown of an address list, at most: nobody has more, and a list of hundreds would be a burden to read. */
const MAX_CHOICES = 10;

const addressField: Node = input(
  NAME,
  { name: 'recovery_address', type: 'text', required: true },
  core.recoveryAddressLabel(),
);
const backButton: Node = input(NAME, { name: 'screen', type: 'submit', value: 'previous' }, core.backLabel());
const keptAddress = (value: string): Node => input(NAME, { name: 'recovery_address', type: 'hidden', value });

export const firstForm: readonly Node[] = [csrfNode, addressField, submitButton];

interface Address {
  readonly via: AddressVia;
  readonly value: string;
}

/** A submission with what it says about addresses. Each step asks for them anew: nothing that was found is kept with the flow. */
interface Asked {
  readonly deps: MethodDeps;
  readonly config: CodeConfig;
  readonly attempt: RecoveryAsked;
  /** The address that the person began with, as typed. */
  readonly typed: string;
}

export function choose(deps: MethodDeps, config: CodeConfig, attempt: RecoveryAsked): Promise<ProofOutcome> {
  const { flow, body } = attempt;
  const asked: Asked = { deps, config, attempt, typed: text(body.recovery_address) };
  if (body.screen === 'previous' && flow.state !== STATES.address) return goBack(asked);
  switch (flow.state) {
    case STATES.choice:
      return takeChoice(asked);
    case STATES.confirmation:
      return takeConfirmation(asked);
    case STATES.code:
      return body.code ? proveByCode(deps, attempt) : takeConfirmation(asked);
    default:
      return asked.typed === '' ? Promise.resolve(missing('recovery_address')) : offerChoice(asked);
  }
}

const text = (value = ''): string => value.trim();
const missing = (name: string): ProofOutcome => rejected(core.required(name), name);

function read(typed: string): Address {
  if (typed.includes('@')) return { via: 'email', value: fold(typed) };
  return { via: 'sms', value: toE164(typed) ?? fold(typed) };
}

/** All addresses of the one who has this one, in a fixed order; an address that nobody has counts as a person's only one. */
async function addressesBehind(deps: MethodDeps, typed: string): Promise<readonly Address[]> {
  const own = read(typed);
  const identity = await findByRecoveryAddress(deps, own);
  const held = identity
    ? usable(identity.recoveryAddresses).map(({ via, value }) => ({ via, value }))
    : [own];
  return held.sort((a, b) => (a.value < b.value ? -1 : 1)).slice(0, MAX_CHOICES);
}

async function offerChoice(asked: Asked): Promise<ProofOutcome> {
  const addresses = await addressesBehind(asked.deps, asked.typed);
  return addresses.length > 1 ? choiceOf(asked, addresses) : send(asked, asked.typed);
}

function choiceOf(asked: Asked, addresses: readonly Address[]): Continue {
  const buttons = addresses.map(({ value }) =>
    input(
      NAME,
      { name: 'recovery_select_address', type: 'submit', value: nameOf(asked, value) },
      core.maskedAddress(maskAddress(value)),
    ),
  );
  const nodes: readonly Node[] = [csrfNode, ...buttons, hiddenMethod, keptAddress(asked.typed)];
  return step(STATES.choice, nodes, core.chooseAddress());
}

/**
 * Names a choice. It is keyed and holds for this flow alone: from a plain digest one could find the address by trying what
 * the mask leaves open.
 */
function nameOf({ deps, attempt }: Asked, address: string, key = deps.secretKeys[0] ?? ''): string {
  return keyedDigest(key, `recovery address of ${attempt.flow.id}`, address);
}

const isNamed = (asked: Asked, address: string, name: string): boolean =>
  asked.deps.secretKeys.some((key) => equalSecrets(nameOf(asked, address, key), name));

async function takeChoice(asked: Asked): Promise<ProofOutcome> {
  const { deps, attempt, typed } = asked;
  const selected = text(attempt.body.recovery_select_address);
  if (selected === '') return missing('recovery_select_address');
  if (typed === '') return missing('recovery_address');
  // Whoever typed the address that they chose has shown already that they know it.
  if (isNamed(asked, read(typed).value, selected)) return send(asked, typed);
  const addresses = await addressesBehind(deps, typed);
  const chosen = addresses.find(({ value }) => isNamed(asked, value, selected));
  if (!chosen) return rejected(core.generic('This address is not one of those to choose from.'));
  const isEmail = chosen.via === 'email';
  return step(
    STATES.confirmation,
    [
      csrfNode,
      input(
        NAME,
        { name: 'recovery_confirm_address', type: isEmail ? 'email' : 'tel', required: true, value: '' },
        isEmail ? core.emailLabel() : core.phoneLabel(),
      ),
      keptAddress(typed),
      submitButton,
      hiddenMethod,
      backButton,
    ],
    core.giveFullAddress(),
  );
}

/** The full address, or the button that sends to it again. Whether it is the chosen one is told by the mail alone. */
async function takeConfirmation(asked: Asked): Promise<ProofOutcome> {
  const confirmed = text(asked.attempt.body.recovery_confirm_address);
  if (confirmed === '') return missing('recovery_confirm_address');
  if (asked.typed === '') return missing('recovery_address');
  return send(asked, confirmed);
}

async function send({ deps, config, attempt, typed }: Asked, to: string): Promise<ProofOutcome> {
  const { flow, request } = attempt;
  const { via, value } = read(to);
  if (!(await deps.budget.countSending({ address: value, request }))) {
    return rejected(core.generic(TOO_MANY_MESSAGES));
  }
  const identity = await findByRecoveryAddress(deps, { via, value });
  const effect = await sendRecoveryCode(deps, config, { flow, request, identity, address: value, via });
  const nodes: readonly Node[] = [
    csrfNode,
    codeField(core.recoveryCodeLabel(), true),
    submitButton,
    hiddenMethod,
    resendButton(to, 'recovery_confirm_address'),
    keptAddress(typed),
    backButton,
  ];
  return { ...step(STATES.code, nodes, messages.recoveryCodeSentTo(maskAddress(to))), effect };
}

/** To the choice, or where there was none to the first question. Codes that were sent end with it. */
async function goBack(asked: Asked): Promise<ProofOutcome> {
  const { deps, attempt, typed } = asked;
  const addresses = typed === '' ? [] : await addressesBehind(deps, typed);
  const earlier: Continue =
    addresses.length > 1
      ? choiceOf(asked, addresses)
      : { kind: 'continue', patch: { nodes: firstForm, state: STATES.address }, jsonStatus: 200 };
  return {
    ...earlier,
    effect: async (stores) => {
      await stores.secrets.replace(attempt.flow.id, 'recovery', []);
      return true;
    },
  };
}

const step = (
  state: string,
  nodes: readonly Node[],
  message: ReturnType<typeof core.chooseAddress>,
): Continue => ({
  kind: 'continue',
  patch: { nodes, messages: [message], state, active: NAME },
  jsonStatus: 200,
});
