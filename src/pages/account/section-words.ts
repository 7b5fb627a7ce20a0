// What the account page says around its forms.
import type { SectionWords } from '../../flow/method/contract.ts';
import { type InputNode, labelOf } from '../form/input-node.ts';

const SAVE = 1070003;

/** A shorter word for a button, where its section gives the rest. */
export function sectionButtonLabel(button: InputNode, words: SectionWords): string {
  return button.meta.label?.id === SAVE && words.save ? words.save : labelOf(button);
}

export const PASSWORD_HINT =
  'A few words that only you would put together are easy to remember and hard to guess.';
