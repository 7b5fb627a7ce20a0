// What went wrong, gathered above the form with links to the fields; and what went well.

import type { Node } from '../../form/node.ts';
import type { Message } from '../../protocol/message.ts';
import { type Markup, markup, nothing } from '../frame/markup.ts';
import { domId, errorsOf, isField, labelOf } from './input-node.ts';

export interface PageProblem {
  readonly text: string;
  /** Id of the field to mend. */
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
export function renderProblems(problems: readonly PageProblem[]): Markup {
  if (problems.length === 0) return nothing;
  const [only] = problems;
  const content =
    problems.length === 1 && only
      ? markup`<p>${item(only)}</p>`
      : markup`<h2>Please check ${problems.length} things</h2><ul>${problems.map((each) => markup`<li>${item(each)}</li>`)}</ul>`;
  return markup`<div class="notice bad" role="alert" tabindex="-1" autofocus>${content}</div>`;
}

function item({ text, fieldId, label }: PageProblem): Markup {
  const words = label ? `${label}: ${text}` : text;
  return fieldId === undefined ? markup`${words}` : markup`<a href="#${fieldId}">${words}</a>`;
}

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
