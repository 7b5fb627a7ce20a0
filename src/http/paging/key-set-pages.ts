// Lists paged by the last key seen: parameters, and the links to the first and the next page (docs/protocol/http.md 5.1, 5.3).

import type { Sealer } from '../../lib/cipher.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { badRequest } from '../../protocol/refusals.ts';

export interface KeySetPage {
  readonly size: number;
  /** Key of the last item of the page before; undefined on the first page. */
  readonly after: string | undefined;
}

export interface KeySetRules {
  readonly defaultSize: number;
  readonly maxSize: number;
  /** Of this list alone. Tokens are sealed, so that nobody can make the database look for a key of their choosing. */
  readonly sealer: Sealer;
  /** The form of the refusal of a token, where it is not that of a bad request. */
  readonly refuseToken?: (text: string) => ApiError;
}

/** Throws 400 for a size that is no number and for a token that was not made here. */
export function readKeySetPage(query: URLSearchParams, rules: KeySetRules): KeySetPage {
  const token = query.get('page_token');
  const after = token ? rules.sealer.open(token) : '';
  if (after === undefined) {
    const { refuseToken = badRequest } = rules;
    throw refuseToken('The page token is not valid. Take the links of an answer as they are.');
  }
  return { size: sizeOf(query, rules), after: after === '' ? undefined : after };
}

/** In its older name a size that makes no sense means the default, as it does in numbered pages (as recorded). */
function sizeOf(query: URLSearchParams, { defaultSize, maxSize }: KeySetRules): number {
  const given = query.get('page_size');
  const text = given ?? query.get('per_page') ?? '';
  if (!/^[+-]?\d+$/.test(text)) {
    if (!given) return defaultSize;
    throw new ApiError({ status: 400, message: 'The page size is not a whole number.' });
  }
  const size = Number(text);
  return size < 1 ? defaultSize : Math.min(size, maxSize);
}

/** The header `Link`. Its addresses have no host, and the parameters that are given but for those of the page. */
export function keySetLinks(
  of: { readonly path: string; readonly query: URLSearchParams },
  page: { readonly size: number; readonly next: string | undefined },
  { sealer }: KeySetRules,
): { readonly Link: string } {
  const link = (rel: string, after: string): string => {
    const query = new URLSearchParams(of.query);
    query.delete('page');
    query.delete('per_page');
    query.set('page_size', String(page.size));
    query.set('page_token', sealer.seal(after));
    query.sort();
    return `<${of.path}?${query}>; rel="${rel}"`;
  };
  const links = [link('first', '')];
  if (page.next !== undefined) links.push(link('next', page.next));
  return { Link: links.join(',') };
}
