// What the account page says around its forms.
import type { BoundMethod } from '../../flow/method/bound-method.ts';
import type { SectionWords } from '../../flow/method/contract.ts';
import type { Locale } from '../../locale/locale.ts';
import { type InputNode, labelOf } from '../form/input-node.ts';

const SAVE = 1070003;

/** A shorter word for a button, where its section gives the rest. */
export function sectionButtonLabel(button: InputNode, words: SectionWords, text: Locale['text']): string {
  return button.meta.label?.id === SAVE && words.save ? text(words.save) : labelOf(button);
}

/** What a new password has to be like, told before it is refused. */
export function passwordHint(
  methods: readonly Pick<BoundMethod, 'name' | 'handlers'>[],
  { group, attributes }: InputNode,
  text: Locale['text'],
): string | undefined {
  if (attributes.autocomplete !== 'new-password') return undefined;
  const least =
    methods.find(({ name, handlers }) => name === group && handlers.leastCharacters)?.handlers
      .leastCharacters ?? methods.find(({ handlers }) => handlers.leastCharacters)?.handlers.leastCharacters;
  const length = least === undefined ? '' : `${text('At least {count} characters.', { count: least })} `;
  return `${length}${text('A few unrelated words are easy to remember and hard to guess.')}`;
}
