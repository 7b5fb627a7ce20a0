// What the account page says around its forms: names of sections, and shorter words for buttons where a section gives the rest.
import { type InputNode, labelOf } from '../form/input-node.ts';

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
