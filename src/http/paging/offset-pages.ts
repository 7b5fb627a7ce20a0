// Lists paged by offset: sessions of one person and schemas (docs/protocol/http.md 5.2).
import type { HttpContext } from '../port/context.ts';

export interface OffsetPage {
  /** Zero-based. */
  readonly page: number;
  readonly size: number;
  readonly offset: number;
}

const DEFAULT_SIZE = 250;
const MAX_SIZE = 1_000;

/** The page that a request asks for, in either spelling; what makes no sense means the default. */
export function readOffsetPage(query: URLSearchParams): OffsetPage {
  if (query.has('page_token') || query.has('page_size')) {
    const size = sizeOf(query.get('page_size'));
    const page = Math.floor(offsetOf(query.get('page_token')) / size);
    return { page, size, offset: page * size };
  }
  const size = sizeOf(query.get('per_page'));
  const page = wholeNumber(query.get('page')) ?? 0;
  return { page, size, offset: page * size };
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function sizeOf(text: string | null): number {
  const size = wholeNumber(text) ?? DEFAULT_SIZE;
  return size < 1 ? DEFAULT_SIZE : Math.min(size, MAX_SIZE);
}

/** A page token holds the offset as JSON; it gives access to nothing, so it needs no seal. */
function offsetOf(token: string | null): number {
  if (!token) return 0;
  try {
    const held: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    const offset = typeof held === 'object' && held !== null && 'offset' in held ? held.offset : undefined;
    return typeof offset === 'string' ? (wholeNumber(offset) ?? 0) : 0;
  } catch {
    return 0;
  }
}

/** `Link` and `X-Total-Count` of one page. */
export function offsetHeaders(
  context: Pick<HttpContext, 'path' | 'query'>,
  at: OffsetPage,
  total: number,
): Readonly<Record<string, string>> {
  const lastOffset = Math.max(0, Math.ceil(total / at.size) - 1) * at.size;
  const links: string[] = [];
  const add = (rel: string, offset: number, size = at.size): void => {
    const query = new URLSearchParams(context.query);
    query.set('page', String(Math.floor(offset / at.size)));
    query.set('page_size', String(size));
    query.set('page_token', offsetToken(offset));
    query.set('per_page', String(size));
    query.sort();
    links.push(`<${context.path}?${query}>; rel="${rel}"`);
  };
  const isFirst = at.offset === 0;
  const isLast = at.offset >= lastOffset;
  // When everything stands on one page, that page is said to be as large as its content.
  if (isFirst && isLast) add('first', 0, total > 0 ? total : at.size);
  else if (!isFirst) add('first', 0);
  if (!isLast) add('next', at.offset + at.size);
  if (!isFirst) add('prev', Math.min(at.offset - at.size, lastOffset));
  if (!isLast) add('last', lastOffset);
  return { Link: links.join(','), 'X-Total-Count': String(total) };
}

const offsetToken = (offset: number): string =>
  Buffer.from(JSON.stringify({ offset: String(offset), v: 2 })).toString('base64url');
