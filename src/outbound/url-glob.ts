// Does a URL fit a pattern such as https://*.example.org/hooks/**? Dots and slashes part what a single star may cover.

const SPECIAL: Readonly<Record<string, string>> = { '*': '[^./]*', '?': '[^./]' };

/**
 * The pattern as a test: `*` and `?` stay within a label or segment, `**` crosses them, `{a,b}` are alternatives. Query and
 * fragment of the URL do not count (docs/protocol/platform.md 1.6, private_ip_exception_urls).
 */
export function compileUrlGlob(pattern: string): (url: string) => boolean {
  let source = '';
  let depth = 0;
  for (const [token] of pattern.matchAll(/\*\*|\\?[\s\S]/gu)) {
    if (token === '**') source += '.*';
    else if (token === '{') {
      source += '(?:';
      depth += 1;
    } else if (token === '}' && depth > 0) {
      source += ')';
      depth -= 1;
    } else if (token === ',' && depth > 0) source += '|';
    else source += SPECIAL[token] ?? escaped(token);
  }
  if (depth > 0) throw new SyntaxError(`the pattern "${pattern}" opens more braces than it closes`);
  const expression = new RegExp(`^${source}$`, 'su');
  return (url) => expression.test(withoutQuery(url));
}

const escaped = (token: string): string =>
  (token.length > 1 ? token.slice(1) : token).replace(
    /[$()*+./?[\\\]^{|}-]/gu,
    (character) => `\\${character}`,
  );

/** As the URL parser reads it, so that upper-case hosts, default ports and `/../` cannot slip past a pattern. */
function withoutQuery(url: string): string {
  const parsed = URL.parse(url);
  const hasUserInfo = parsed !== null && (parsed.username !== '' || parsed.password !== '');
  if (parsed === null || hasUserInfo) return '';
  parsed.search = '';
  parsed.hash = '';
  return parsed.href;
}
