// The older way to page through identities: `page` and `per_page` (docs/protocol/http.md 5.1).
import { badRequest } from '../../protocol/refusals.ts';

export interface NumberedPage {
  /** Zero-based. */
  readonly page: number;
  readonly size: number;
  readonly offset: number;
}

const DEFAULT_SIZE = 250;
const MAX_SIZE = 500;
/** What is skipped has to be read: further in, key-set pages are the way to go. */
const MAX_OFFSET = 1_000;

/** What is no number means the default. Throws 400 for pages too far in. */
export function readNumberedPage(query: URLSearchParams): NumberedPage {
  const page = wholeNumber(query.get('page')) ?? 0;
  const asked = wholeNumber(query.get('per_page')) ?? DEFAULT_SIZE;
  const size = asked < 1 ? DEFAULT_SIZE : Math.min(asked, MAX_SIZE);
  if (page * size > MAX_OFFSET) {
    throw badRequest('This page is out of range. Use page_size and page_token, and follow the Link headers.');
  }
  return { page, size, offset: page * size };
}

const wholeNumber = (text: string | null): number | undefined =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

export function numberedHeaders(
  of: { readonly path: string; readonly query: URLSearchParams },
  { page, size }: NumberedPage,
  total: number,
): Readonly<Record<string, string>> {
  const lastPage = Math.max(0, Math.ceil(total / size) - 1);
  const link = (rel: string, to: number): string => {
    const query = new URLSearchParams(of.query);
    query.set('page', String(to));
    query.set('per_page', String(size));
    query.sort();
    return `<${of.path}?${query}>; rel="${rel}"`;
  };
  const links = [link('first', 0)];
  if (page < lastPage) links.push(link('next', page + 1));
  if (page > 0) links.push(link('prev', Math.min(page - 1, lastPage)));
  if (page < lastPage) links.push(link('last', lastPage));
  return { Link: links.join(','), 'X-Total-Count': String(total) };
}
