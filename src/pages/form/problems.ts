// What went wrong with a form as a whole, above it; and what went well.

import type { Node } from '../../form/node.ts';
import type { Locale } from '../../locale/locale.ts';
import type { Message } from '../../protocol/message.ts';
import { type Markup, markup, nothing } from '../frame/markup.ts';
import { domId, errorsOf, isField, labelOf } from './input-node.ts';

export interface PageProblem {
  readonly text: string;
  /** Id of the field to correct. */
  readonly fieldId?: string;
  readonly label?: string;
}

export function problemsOf(form: {
  readonly nodes: readonly Node[];
  readonly messages: readonly Message[];
}): readonly PageProblem[] {
  return [
    ...form.messages.filter((message) => message.type === 'error').map(({ text }) => ({ text })),
    ...form.nodes.flatMap((node) =>
      errorsOf(node).map((text) => ({
        text,
        label: labelOf(node),
        ...(isField(node) ? { fieldId: domId(node) } : {}),
      })),
    ),
  ];
}

/** Takes the focus when the page opens, so that it is read out first; works without script. */
/** Those of a field are told below it, and nowhere else. */
export function renderProblems(all: readonly PageProblem[], { text }: Pick<Locale, 'text'>): Markup {
  const problems = all.filter(({ fieldId }) => fieldId === undefined);
  if (problems.length === 0) return nothing;
  const [only] = problems;
  const content =
    problems.length === 1 && only
      ? markup`<p>${item(only)}</p>`
      : markup`<h2>${text('Fix {count} problems', { count: problems.length })}</h2><ul>${problems.map((each) => markup`<li>${item(each)}</li>`)}</ul>`;
  return markup`<div class="notice bad" role="alert" tabindex="-1" autofocus>${content}</div>`;
}

const item = ({ text, label }: PageProblem): Markup => markup`${label ? `${label}: ${text}` : text}`;

/** Where the focus goes when the page opens, unless something above the form takes it. */
export const firstWrongField = (problems: readonly PageProblem[]): string | undefined =>
  problems.every(({ fieldId }) => fieldId !== undefined) ? problems[0]?.fieldId : undefined;

/** Good news in a box. */
export function renderSuccesses(messages: readonly Message[]): Markup {
  return markup`${messages.filter((message) => message.type === 'success').map(({ text }) => success(text))}`;
}

export const success = (text: string): Markup =>
  markup`<div class="notice good" role="status"><p>${text}</p></div>`;

/** What is told besides: the first sentences of the page. */
export function renderInfos(messages: readonly Message[]): Markup {
  return markup`${messages
    .filter((message) => message.type === 'info')
    .map(({ text }) => markup`<p class="lead">${text}</p>`)}`;
}
