// Which attributes hold text, an address or a style, and which may hold no value of a model at all?
export type AttributeKind = 'plain' | 'url' | 'css' | 'unsafe';

const URLS = new Set(
  (
    'action archive background cite classid codebase data formaction href icon longdesc manifest poster ' +
    'profile src usemap xmlns'
  ).split(' '),
);

/** They hold programs, other pages, or change what the element is. */
const UNSAFE = new Set(
  (
    'accept-charset async challenge charset content crossorigin defer enctype form formenctype formmethod ' +
    'formnovalidate http-equiv imagesrcset is keytype language method novalidate pattern ping rel sandbox srcdoc srcset type'
  ).split(' '),
);

export function attributeKind(attribute: string): AttributeKind {
  // Scripts use data-href as an address; xlink:href is one.
  const name = attribute.replace(/^data-/, '').replace(/^.*:/, '');
  if (/^on/.test(name) || UNSAFE.has(name)) return 'unsafe';
  if (name === 'style') return 'css';
  // Names of one's own that sound like an address are taken for one.
  return URLS.has(name) || /src|ur[il]/.test(name) ? 'url' : 'plain';
}
