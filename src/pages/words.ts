// What the pages say around a form: headings, names of sections, and shorter words for buttons where the page gives the rest.
import type { Message } from '../base/message.ts';
import type { Node } from '../base/node.ts';
import type { Flow } from '../flow/flow.ts';
import { type InputNode, isInput, labelOf } from './input-node.ts';

/** The headline: what this page is for. */
export function headingOf(flow: Flow): string {
  const isWaiting = flow.state === 'sent_email';
  switch (flow.kind) {
    case 'login':
      if (flow.requestedAal === 'aal2') return 'Second step';
      if (isWaiting) return 'Enter your code';
      return flow.refresh ? 'Please confirm that it’s you' : 'Sign in';
    case 'registration':
      if (isWaiting) return 'Enter your code';
      return hasStepBack(flow.form.nodes) ? 'Almost there' : 'Create your account';
    case 'recovery':
      if (flow.state === 'passed_challenge') return 'Welcome back';
      return isWaiting || flow.state === 'recovery_awaiting_code'
        ? 'Enter your code'
        : 'Recover your account';
    case 'verification':
      if (flow.state === 'passed_challenge') return 'Thank you';
      return isWaiting ? 'Enter your code' : 'Verify your address';
    case 'settings':
      return 'Your account';
    default:
      return flow.kind satisfies never;
  }
}

const CONFIRM_IT_IS_YOU = 1010003;

/** Messages above the form, without what the headline says already. */
export function infosBelowHeading(flow: Flow): readonly Message[] {
  return flow.form.messages.filter((message) => message.id !== CONFIRM_IT_IS_YOU);
}

function hasStepBack(nodes: readonly Node[]): boolean {
  return nodes.some((node) => isInput(node) && node.attributes.name === 'screen');
}

/** Protocol numbers of labels that say less, or more, than a page with a headline needs. */
const SIGN_IN_WITH_PASSWORD = 1010022;
const SIGN_UP = 1040001;

/** What the main button of a form says: what happens when it is pressed. */
export function primaryLabel(button: InputNode, hasPassword: boolean): string {
  const id = button.meta.label?.id;
  if (id === SIGN_IN_WITH_PASSWORD && hasPassword) return 'Sign in';
  if (id === SIGN_UP) return button.group === 'profile' ? 'Continue' : 'Create account';
  return labelOf(button);
}

export interface SectionWords {
  readonly title: string;
  readonly about?: string;
  /** In place of "Save". */
  readonly save?: string;
}

const SECTIONS: Readonly<Record<string, SectionWords>> = {
  profile: { title: 'Profile', about: 'Who you are, and how to reach you.', save: 'Save profile' },
  password: { title: 'Password', about: 'Long is strong. Use it nowhere else.', save: 'Save password' },
  code: { title: 'Sign-in codes', about: 'A code is sent to you each time you sign in.' },
  oidc: { title: 'Connected accounts', about: 'Sign in with an account that you have elsewhere.' },
  saml: { title: 'Your organization', about: 'Sign in with your account at work.' },
  passkey: { title: 'Passkeys', about: 'Sign in with your fingerprint, your face or your screen lock.' },
  webauthn: { title: 'Security keys', about: 'A key that you plug in or hold near, as a second step.' },
  totp: { title: 'Authenticator app', about: 'A fresh code from your phone, as a second step.' },
  lookup_secret: { title: 'Backup codes', about: 'For the day when your phone is not at hand.' },
};

/** A group that nobody told us of keeps its name, made readable. */
export function sectionWords(group: string): SectionWords {
  const known = Object.hasOwn(SECTIONS, group) ? SECTIONS[group] : undefined;
  const name = group.replaceAll(/[_-]+/g, ' ').trim();
  return known ?? { title: name.charAt(0).toUpperCase() + name.slice(1) };
}

const SAVE = 1070003;

export function sectionButtonLabel(button: InputNode, words: SectionWords): string {
  return button.meta.label?.id === SAVE && words.save ? words.save : labelOf(button);
}

export const PASSWORD_HINT =
  'A few words that only you would put together are easy to remember and hard to guess.';
