// Language tags: what a request asks for, and which of the offered languages comes nearest.
const TAG = /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/;

/** `de_AT` and `DE-at` are both `de-at`; undefined for what is no language tag. */
export function languageTag(text: unknown): string | undefined {
  const tag = typeof text === 'string' ? text.trim().toLowerCase().replaceAll('_', '-') : '';
  return TAG.test(tag) && tag.length <= 35 ? tag : undefined;
}

/** From the exact one to the general one: `de-at`, `de`. */
export function fallbacks(tag: string): readonly string[] {
  const parts = tag.split('-');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}

/** Longer lists are no person's wishes. */
const MOST_TAGS = 10;

/** `ui_locales` (OpenID Connect) lists tags by preference; `locale` is the short form. */
export function askedLanguages(query: URLSearchParams): readonly string[] {
  return [query.get('locale'), ...(query.get('ui_locales') ?? '').split(' ').slice(0, MOST_TAGS)].flatMap(
    (text) => languageTag(text) ?? [],
  );
}

/** The tags of an Accept-Language header, the best first. */
export function acceptedLanguages(header: unknown): readonly string[] {
  if (typeof header !== 'string' || header.length > 1000) return [];
  return header
    .split(',')
    .slice(0, MOST_TAGS)
    .flatMap((part) => {
      const [name, ...parameters] = part.split(';');
      const tag = languageTag(name);
      const weight = Number(/^\s*q=([\d.]+)\s*$/.exec(parameters[0] ?? '')?.[1] ?? 1);
      return tag !== undefined && weight > 0 ? [{ tag, weight }] : [];
    })
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}
