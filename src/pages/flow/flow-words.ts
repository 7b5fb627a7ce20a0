// What a page says about its flow: the headline, the first sentence, and what its main button does.

import type { Flow } from '../../flow/flow.ts';
import type { MethodWords } from '../../flow/method/contract.ts';
import type { Node } from '../../form/node.ts';
import type { Message } from '../../protocol/message.ts';
import { isCodeField } from '../form/hints.ts';
import { type InputNode, isField, isInput } from '../form/input-node.ts';

/** Something was sent to the person, who is to come back with it. */
export function isWaiting({ state }: Flow): boolean {
  return state === 'sent_email' || state === 'recovery_awaiting_code';
}

/** A link was sent: there is nothing to type, and the form only sends another one. */
export function isAskingAgain(flow: Flow): boolean {
  return isProof(flow) && isWaiting(flow) && !hasCodeField(flow.form.nodes);
}

const isProof = ({ kind }: Flow): boolean => kind === 'recovery' || kind === 'verification';

/** The headline: what this page is for. */
export function headingOf(flow: Flow): string {
  if (isWaiting(flow)) return hasCodeField(flow.form.nodes) ? 'Enter your code' : 'Check your inbox';
  const isPassed = flow.state === 'passed_challenge';
  switch (flow.kind) {
    case 'login':
      if (isPassed) return 'You are signed in';
      if (flow.requestedAal === 'aal2') return 'Two-step verification';
      if (flow.form.messages.some(({ id }) => id === SIGN_IN_TO_LINK)) return 'You already have an account';
      return flow.refresh ? 'Confirm that it’s you' : 'Sign in';
    case 'registration':
      if (isPassed) return 'Your account is ready';
      return hasStepBack(flow.form.nodes) ? 'Almost there' : 'Create your account';
    case 'recovery':
      if (isPassed) return 'Welcome back';
      return RECOVERY_STEPS[flow.state] ?? 'Recover your account';
    case 'verification':
      return isPassed ? 'All done' : 'Verify your address';
    case 'settings':
      return 'Your account';
    default:
      return flow.kind satisfies never;
  }
}

/** Steps of a recovery that lets the person choose an address, as the protocol names them. */
const RECOVERY_STEPS: Readonly<Record<string, string>> = {
  recovery_awaiting_address_choice: 'Choose an address',
  recovery_confirming_address: 'Confirm your address',
};

const CONFIRM_IT_IS_YOU = 1010003;
/** An account elsewhere waits to be linked. */
const SIGN_IN_TO_LINK = 1010016;

/** Messages above the form, without what the headline says already. */
export function infosBelowHeading(messages: readonly Message[]): readonly Message[] {
  return messages.filter((message) => message.id !== CONFIRM_IT_IS_YOU);
}

/** What happens next, on a page that has no message yet. */
export function leadOf({ kind, state, form }: Flow): string | undefined {
  if (form.messages.length > 0 || !(state === 'choose_method' || state === 'recovery_awaiting_address')) {
    return undefined;
  }
  if (kind === 'recovery')
    return 'Enter your account’s e-mail address, and we’ll send you a message to get you back in.';
  if (kind === 'verification') return 'We’ll send a message to your address to confirm that it’s yours.';
  return undefined;
}

function hasStepBack(nodes: readonly Node[]): boolean {
  return nodes.some((node) => isInput(node) && node.attributes.name === 'screen');
}

const hasCodeField = (nodes: readonly Node[]): boolean =>
  nodes.some((node) => isField(node) && isCodeField(node));

/** Protocol numbers of labels that say less, or more, than a page with a headline needs. */
const SIGN_IN_WITH_PASSWORD = 1010022;
const SIGN_UP = 1040001;
const CONTINUE = 1070009;

/** What the main button of a form says where its own label says less: what happens when it is pressed. */
export function primaryLabel(
  button: InputNode,
  of: { readonly flow: Flow; readonly hasPassword: boolean; readonly words: MethodWords },
): string | undefined {
  const id = button.meta.label?.id;
  if (of.hasPassword && of.flow.refresh) return 'Confirm';
  if (id === SIGN_IN_WITH_PASSWORD && of.hasPassword) return 'Sign in';
  if (id === SIGN_UP) return of.words.signUp ?? 'Create account';
  return id === CONTINUE ? continueWords(of.flow, of.words) : undefined;
}

/** What goes on after "Continue", where the state of the flow tells. */
function continueWords(flow: Flow, { sends: words }: MethodWords): string | undefined {
  if (isWaiting(flow) && hasCodeField(flow.form.nodes)) {
    if (flow.kind === 'verification') return 'Verify';
    if (flow.kind === 'registration') return 'Create account';
    return flow.kind === 'login' && flow.requestedAal === 'aal1' ? 'Sign in' : undefined;
  }
  if (isAskingAgain(flow)) return 'Resend';
  const sends = flow.state === 'choose_method' || flow.state === 'recovery_confirming_address';
  return isProof(flow) && sends ? words : undefined;
}
