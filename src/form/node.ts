// The nodes of a form as clients receive them (docs/protocol/http.md section 12), and the edits that methods make to them.
import type { Json, JsonObject } from '../lib/json.ts';
import type { Message } from '../protocol/message.ts';

export type InputType =
  | 'text'
  | 'password'
  | 'number'
  | 'checkbox'
  | 'hidden'
  | 'email'
  | 'tel'
  | 'submit'
  | 'button'
  | 'datetime-local'
  | 'date'
  | 'url';

export interface InputAttributes {
  readonly node_type: 'input';
  readonly name: string;
  readonly type: InputType;
  readonly value?: Json;
  readonly required?: true;
  readonly autocomplete?: string;
  readonly pattern?: string;
  readonly disabled: boolean;
  readonly onclick?: string;
  readonly onclickTrigger?: string;
  readonly onload?: string;
  readonly onloadTrigger?: string;
  readonly maxlength?: number;
  readonly options?: readonly { readonly value: Json }[];
}
export interface TextAttributes {
  readonly node_type: 'text';
  readonly id: string;
  readonly text: Message;
}
export interface ImageAttributes {
  readonly node_type: 'img';
  readonly id: string;
  readonly src: string;
  readonly width: number;
  readonly height: number;
}
export interface AnchorAttributes {
  readonly node_type: 'a';
  readonly id: string;
  readonly href: string;
  readonly title: Message;
}
export interface ScriptAttributes {
  readonly node_type: 'script';
  readonly id: string;
  readonly src: string;
  readonly async: true;
  readonly referrerpolicy: 'no-referrer';
  readonly crossorigin: 'anonymous';
  readonly integrity: string;
  readonly type: 'text/javascript';
  readonly nonce: string;
}
export interface DivAttributes {
  readonly node_type: 'div';
  readonly id: string;
  readonly class?: string;
  readonly data?: JsonObject;
}
export type NodeAttributes =
  | InputAttributes
  | TextAttributes
  | ImageAttributes
  | AnchorAttributes
  | ScriptAttributes
  | DivAttributes;

export interface Node {
  readonly type: NodeAttributes['node_type'];
  /** The method that owns the node, or `default`. */
  readonly group: string;
  readonly attributes: NodeAttributes;
  readonly messages: readonly Message[];
  readonly meta: { readonly label?: Message };
  /** In storage only: the attributes, sealed. */
  readonly sealed?: string;
}

/** A form as it is stored with its flow. The submit address and the anti-CSRF value are added when it is shown. */
export interface Form {
  readonly nodes: readonly Node[];
  readonly messages: readonly Message[];
  /** Set where the form does not lead back to its own flow: after a finished verification, or to the successor of a saved one. */
  readonly goesTo?: { readonly action: string; readonly method: 'GET' | 'POST' };
}

/** What a method wants done to a form. Order counts: see `applyEdits`. */
export type NodeEdit =
  | { readonly op: 'upsert'; readonly node: Node }
  | { readonly op: 'append'; readonly node: Node }
  | { readonly op: 'remove'; readonly where: NodeMatch }
  | { readonly op: 'clear'; readonly name: string };

/** Every given field must fit. */
export interface NodeMatch {
  readonly id?: string;
  readonly group?: string;
  readonly inputType?: InputType;
  readonly value?: Json;
}

/** Replaces the first node of the same identity, whatever its group, or appends. */
export const upsert = (node: Node): NodeEdit => ({ op: 'upsert', node });
/** Appends even where a node of the same identity exists, as for the several `method` buttons of a form. */
export const append = (node: Node): NodeEdit => ({ op: 'append', node });
export const remove = (where: NodeMatch): NodeEdit => ({ op: 'remove', where });
/** Takes the value out of every input of this name. */
export const clear = (name: string): NodeEdit => ({ op: 'clear', name });

export const emptyForm: Form = { nodes: [], messages: [] };

/** What names a node inside its form: the input's name, anything else's id. The group takes no part. */
export function nodeId(node: Node): string {
  return node.attributes.node_type === 'input' ? node.attributes.name : node.attributes.id;
}

/** An input node; `label` is shown beside it. */
export function input(
  group: string,
  attributes: Omit<InputAttributes, 'node_type' | 'disabled'> & { readonly disabled?: boolean },
  label?: Message,
): Node {
  return {
    type: 'input',
    group,
    attributes: { ...attributes, disabled: attributes.disabled ?? false, node_type: 'input' },
    messages: [],
    meta: label ? { label } : {},
  };
}

/** The button that submits the form to one method. */
export function methodButton(group: string, method: string, label: Message): Node {
  return input(group, { name: 'method', type: 'submit', value: method }, label);
}

/** The hidden anti-CSRF field. Its value is never stored: it is masked anew each time the form is shown. */
export const csrfNode: Node = input('default', {
  name: 'csrf_token',
  type: 'hidden',
  value: '',
  required: true,
});

function matches(node: Node, where: NodeMatch): boolean {
  const attributes = node.attributes;
  const isInput = attributes.node_type === 'input';
  return (
    (where.id === undefined || nodeId(node) === where.id) &&
    (where.group === undefined || node.group === where.group) &&
    (where.inputType === undefined || (isInput && attributes.type === where.inputType)) &&
    (where.value === undefined || (isInput && String(attributes.value) === String(where.value)))
  );
}

/** Applies edits in order and returns the new nodes. */
export function applyEdits(nodes: readonly Node[], edits: readonly NodeEdit[]): readonly Node[] {
  let out = [...nodes];
  for (const edit of edits) {
    if (edit.op === 'clear') {
      out = [...setValue(out, edit.name, undefined)];
      continue;
    }
    if (edit.op === 'remove') {
      for (let i = out.length - 1; i >= 0; i -= 1) {
        const node = out[i];
        if (node && matches(node, edit.where)) out.splice(i, 1);
      }
      continue;
    }
    const at = edit.op === 'upsert' ? out.findIndex((node) => nodeId(node) === nodeId(edit.node)) : -1;
    if (at >= 0) out[at] = edit.node;
    else out.push(edit.node);
  }
  return out;
}

/** Sets the value of every input of that name; a value of undefined takes it away. */
export function setValue(nodes: readonly Node[], name: string, value: Json | undefined): readonly Node[] {
  return nodes.map((node) => {
    if (node.attributes.node_type !== 'input' || node.attributes.name !== name) return node;
    const { value: _dropped, ...rest } = node.attributes;
    return { ...node, attributes: value === undefined ? rest : { ...rest, value } };
  });
}
