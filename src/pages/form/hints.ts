// What helps a browser to fill in a field: autocomplete tokens (WCAG 2.2, 1.3.5) and the right keyboard.
import type { FieldWords } from '../../flow/method/contract.ts';
import { nameSegments } from '../../schema/paths.ts';
import { type InputNode, isTrait, labelOf } from './input-node.ts';

/** Tokens of traits by the letters of the last part of their names. */
const OF_TRAIT: Readonly<Record<string, string>> = {
  email: 'email',
  phone: 'tel',
  phonenumber: 'tel',
  name: 'name',
  fullname: 'name',
  first: 'given-name',
  firstname: 'given-name',
  givenname: 'given-name',
  last: 'family-name',
  lastname: 'family-name',
  familyname: 'family-name',
  surname: 'family-name',
  nickname: 'nickname',
  username: 'username',
  company: 'organization',
  organization: 'organization',
  birthday: 'bday',
  birthdate: 'bday',
  dateofbirth: 'bday',
  street: 'street-address',
  city: 'address-level2',
  zip: 'postal-code',
  postalcode: 'postal-code',
  country: 'country-name',
  language: 'language',
  website: 'url',
};

/** A code that was sent, or that an app shows. */
export const isCodeField = ({ attributes }: InputNode, words?: FieldWords): boolean =>
  attributes.autocomplete === 'one-time-code' || words === 'digits';

/** Names under which the protocol asks for an address outside the traits. */
export const IS_ADDRESS = /^(?:email|recovery_address|recovery_confirm_address)$/;

export function autocompleteOf(node: InputNode, words?: FieldWords): string | undefined {
  const { name, autocomplete } = node.attributes;
  if (autocomplete) return autocomplete;
  if (name === 'identifier') return 'username';
  if (IS_ADDRESS.test(name)) return node.attributes.type === 'tel' ? 'tel' : 'email';
  if (isCodeField(node, words)) return 'one-time-code';
  if (!isTrait(node)) return undefined;
  return OF_TRAIT[(nameSegments(name).at(-1) ?? '').replaceAll(/[^a-z]/gi, '').toLowerCase()];
}

export type Keyboard = 'email' | 'tel' | 'url' | 'numeric' | 'decimal';

/** Undefined where the input's own type says it already. */
export function keyboardOf(node: InputNode, words?: FieldWords): Keyboard | undefined {
  const { name, type } = node.attributes;
  if (isCodeField(node, words)) return 'numeric';
  if (type === 'number') return 'decimal';
  // An identifier that is an e-mail address is a text to the protocol: its label tells.
  return name === 'identifier' && /^e-?mail/i.test(labelOf(node)) ? 'email' : undefined;
}

/** Names that are spelled exactly: no capital letter is put in, and no word is corrected. */
export function isExact(node: InputNode, words?: FieldWords): boolean {
  const { name, type } = node.attributes;
  const isKnown = name === 'identifier' || IS_ADDRESS.test(name) || isCodeField(node);
  return type !== 'text' || isKnown || words !== undefined;
}
