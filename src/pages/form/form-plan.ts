// Which nodes belong into one <form>, and which of its buttons is pressed by the Enter key?
import type { Node } from '../../form/node.ts';
import { type InputNode, isButton, isField, isInput, isUnseen } from './input-node.ts';

export interface FormPlan {
  /** Hidden inputs. Scripts are not among them: a page loads each of them once. */
  readonly unseen: readonly Node[];
  /** Fields and what stands between them, in the order of the flow. */
  readonly body: readonly Node[];
  /** Comes first in the document, so that Enter presses it. */
  readonly primary: InputNode | undefined;
  /** Other ways on, one button each. */
  readonly others: readonly InputNode[];
  /** Buttons that lead back or do something again. */
  readonly quiet: readonly InputNode[];
}

/**
 * Forms of a page with several ways on. Fields of the group `default` are needed by all of them, so then there is one
 * form. Without such fields each way that has fields of its own is a form of its own: Enter must not press another's button.
 */
export function planForms(nodes: readonly Node[]): readonly FormPlan[] {
  const groups = [...new Set(nodes.map((node) => node.group))].map((name) => ofGroup(nodes, name));
  const hasSharedFields = groups.some((group) => group.name === 'default' && group.hasFields);
  const withFields = groups.filter((group) => group.hasFields);
  if (hasSharedFields || withFields.length === 0) return [plan(nodes)];
  // These go along with every form: the anti-CSRF token, a known identifier, traits of an earlier step.
  const isAlong = (group: Group): boolean =>
    group.name === 'default' || (!group.hasFields && !group.hasButtons);
  const along = groups.filter(isAlong).flatMap((group) => group.nodes);
  const unseen = along.filter(isUnseen);
  const seen = along.filter((node) => !isUnseen(node) && !isButton(node));
  const forms = withFields.map((group, at) => plan([...unseen, ...(at === 0 ? seen : []), ...group.nodes]));
  const buttonsOnly = groups.filter((group) => !group.hasFields && !isAlong(group));
  const rest = [...along.filter(isButton), ...buttonsOnly.flatMap((group) => group.nodes)];
  return rest.length > 0 ? [...forms, plan([...unseen, ...rest])] : forms;
}

/** Forms of one section of settings: what is changed there, and what is taken away. */
export function planSection(nodes: readonly Node[], group: string): readonly FormPlan[] {
  const along = nodes.filter((node) => node.group === 'default' && isUnseen(node));
  const own = nodes.filter((node) => node.group === group);
  const isTakenAway = (node: Node): boolean =>
    isButton(node) && node.attributes.type === 'submit' && node.attributes.name !== 'method';
  // Beside a field, Enter would press the button that takes something away.
  if (!own.some(isField) || !own.some(isTakenAway)) return [plan([...along, ...own])];
  return [
    plan([...along, ...own.filter((node) => !isTakenAway(node))]),
    plan([...along, ...own.filter(isTakenAway)]),
  ];
}

interface Group {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly hasFields: boolean;
  readonly hasButtons: boolean;
}

function ofGroup(all: readonly Node[], name: string): Group {
  const nodes = all.filter((node) => node.group === name);
  return { name, nodes, hasFields: nodes.some(isField), hasButtons: nodes.some(isButton) };
}

/** Protocol numbers of labels; the buttons themselves carry an address, under several names. */
const SEND_AGAIN = 1070008;
const BACK = 1060007;

export const isResend = ({ attributes, meta }: InputNode): boolean =>
  attributes.name === 'resend' || meta.label?.id === SEND_AGAIN;

export const isStepBack = ({ attributes, meta }: InputNode): boolean =>
  attributes.name === 'screen' || meta.label?.id === BACK;

const isQuietButton = (button: InputNode): boolean => isResend(button) || isStepBack(button);

function plan(nodes: readonly Node[]): FormPlan {
  const buttons = nodes.filter(isButton);
  const methods = buttons.filter(
    (node) => node.attributes.type === 'submit' && node.attributes.name === 'method',
  );
  const isWithField = (node: Node): boolean =>
    nodes.some((other) => other.group === node.group && isField(other));
  const primary =
    methods.find(isWithField) ?? methods[0] ?? (buttons.length === 1 ? onlySubmit(buttons) : undefined);
  const rest = buttons.filter((node) => node !== primary);
  return {
    unseen: firstOfEachName(nodes.filter(isInput).filter(isUnseen)),
    body: nodes.filter((node) => !isUnseen(node) && !isButton(node)),
    primary,
    others: rest.filter((node) => !isQuietButton(node)),
    quiet: rest.filter(isQuietButton),
  };
}

/** Where a form keeps all addresses that could be chosen, the first one is what was chosen; a browser would send them all. */
function firstOfEachName(nodes: readonly InputNode[]): readonly InputNode[] {
  return nodes.filter(
    ({ attributes: { name } }, at) => nodes.findIndex((node) => node.attributes.name === name) === at,
  );
}

function onlySubmit([button]: readonly InputNode[]): InputNode | undefined {
  return button?.attributes.type === 'submit' && !isQuietButton(button) ? button : undefined;
}

/** Nothing to choose instead of another form, only ways back. */
export const isQuiet = (plan: FormPlan): boolean =>
  plan.primary === undefined && plan.others.length === 0 && plan.quiet.length > 0;

/** The value that a hidden input of that name carries. */
export function unseenValue(nodes: readonly Node[], name: string): string | undefined {
  const found = nodes.find((node) => isInput(node) && isUnseen(node) && node.attributes.name === name);
  const value = found && isInput(found) ? found.attributes.value : undefined;
  return value === undefined || value === null || value === '' ? undefined : String(value);
}
