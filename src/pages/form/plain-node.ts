// Nodes that are looked at, not filled in: text, pictures, links, and what scripts hang on to.
import type { Node, TextAttributes } from '../../form/node.ts';
import type { Json } from '../../lib/json.ts';
import { isJsonObject } from '../../lib/json.ts';
import { ENGLISH, type Locale } from '../../locale/locale.ts';
import { attributes, type Markup, markup, nothing } from '../frame/markup.ts';
import { domId } from './input-node.ts';

export function renderPlainNode(node: Node, { text: t }: Pick<Locale, 'text'> = ENGLISH): Markup {
  const own = node.attributes;
  switch (own.node_type) {
    case 'text':
      return text(node, own, t);
    case 'img': {
      const { src, width, height } = own;
      if (!isSafeImage(src)) return nothing;
      const label = node.meta.label?.text;
      // The words beside the picture say what it is for; what it shows is nothing to read out.
      const image = attributes({ id: own.id, src, width, height, alt: '' });
      return markup`${label !== undefined && markup`<p class="label">${label}</p>`}<p class="picture"><img${image}></p>`;
    }
    case 'a':
      if (!isSafeLink(own.href)) return nothing;
      // The protocol's one link of this name is what a finished flow leads on to.
      return markup`<p><a class="${own.id === 'continue' ? 'button primary' : 'button'}" id="${own.id}" href="${own.href}">${own.title.text}</a></p>`;
    case 'script': {
      const { node_type: _type, ...rest } = own;
      return markup`<script${attributes({ ...rest })}></script>`;
    }
    case 'div':
      return markup`<div${attributes({ id: own.id, class: own.class, ...dataAttributes(own.data) })}></div>`;
    case 'input':
      return nothing; // fields and buttons are laid out by the form
    default:
      return own satisfies never;
  }
}

function text(node: Node, { text: message }: TextAttributes, t: Locale['text']): Markup {
  const label = node.meta.label?.text;
  const secrets = message.context?.['secrets'];
  const heading = label && markup`<p class="label" id="${domId(node)}-label">${label}</p>`;
  if (Array.isArray(secrets)) {
    const codes = secrets.map((each: Json) => markup`<li><code>${secretText(each)}</code></li>`);
    return markup`${heading || nothing}<ul class="codes" id="${domId(node)}">${codes}</ul>
<p class="actions" data-codes="${domId(node)}" hidden><button type="button" class="button" data-does="copy" data-done="${t('Copied')}">${t('Copy')}</button><button type="button" class="button" data-does="download">${t('Download')}</button><button type="button" class="button" data-does="print">${t('Print')}</button></p>`;
  }
  const value = message.context?.['secret'];
  return typeof value === 'string'
    ? markup`${heading || nothing}<p id="${domId(node)}"><code class="copyable">${value}</code></p>`
    : markup`${heading || nothing}<p id="${domId(node)}">${message.text}</p>`;
}

/** One of a list of codes: a message whose context holds the code, or the code itself. */
function secretText(entry: Json): string {
  if (!isJsonObject(entry)) return String(entry);
  const { context, text: shown } = entry;
  const secret = isJsonObject(context) ? context['secret'] : undefined;
  return String(secret ?? shown ?? '');
}

/** `{ siteKey: 'x' }` -> `data-siteKey="x"`, as scripts of the protocol look for it. Odd names are left out. */
function dataAttributes(
  data: Readonly<Record<string, Json | undefined>> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data ?? {})
      .filter(([name]) => /^[a-zA-Z][a-zA-Z0-9_-]*$/.test(name))
      .map(([name, value]) => [`data-${name}`, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

// A hook or a provider may have had its say in these addresses.
const isSafeImage = (src: string): boolean => /^(?:data:image\/|https?:\/\/|\/(?!\/))/i.test(src);
const isSafeLink = (href: string): boolean => /^(?:https?:\/\/|\/(?![/\\]))/i.test(href);
