// Texts with placeholders such as `{minutes}`: filled in, and recognised in a finished sentence.

/** Placeholders without a value stay as they are. */
export function fillIn(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/** Longer sentences are nobody's reason, and hold what strangers wrote. */
const MAX_LENGTH = 1000;

/** Finds the text with placeholders that a finished English sentence was made from, and fills its translation in. */
export function reverse(texts: Readonly<Record<string, string>>): (english: string) => string | undefined {
  const patterns = Object.entries(texts)
    .filter(([english]) => english.includes('{') && !english.includes('{{'))
    .map(([english, translated]) => ({ parts: english.split(/\{(\w+)\}/), translated }));
  return (english) => {
    if (english.length > MAX_LENGTH) return undefined;
    for (const { parts, translated } of patterns) {
      const values = match(parts, english);
      if (values) return fillIn(translated, values);
    }
    return undefined;
  };
}

/** `parts`: literal, name, literal, name … literal. Each value ends at the next literal; the last one takes the rest. */
function match(parts: readonly string[], text: string): Record<string, string> | undefined {
  const [first = ''] = parts;
  if (!text.startsWith(first)) return undefined;
  const values: Record<string, string> = {};
  let at = first.length;
  for (let index = 1; index < parts.length; index += 2) {
    const [name = '', literal = ''] = [parts[index], parts[index + 1]];
    const isLast = index + 2 >= parts.length;
    const end = isLast ? text.length - literal.length : literal === '' ? -1 : text.indexOf(literal, at);
    if (end < at || (isLast && !text.endsWith(literal))) return undefined;
    values[name] = text.slice(at, end);
    at = end + literal.length;
  }
  return values;
}
