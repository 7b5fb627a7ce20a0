// Is a JSON text small enough to be parsed at all? Five mebibytes of brackets keep JSON.parse busy for most of a second.

/** Deepest nesting of objects and lists that is taken. */
const MAX_DEPTH = 64;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What makes a JSON text too heavy. Reads it once and makes nothing of it; what is no JSON is left to the parser. */
export function jsonWeightFault(text: string, maxValues: number): string | undefined {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        values += 1;
        if (depth > MAX_DEPTH) return `The JSON body is nested deeper than ${MAX_DEPTH} levels.`;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
        break;
    }
    if (values > maxValues) return `The JSON body holds more than ${maxValues} values.`;
  }
  return undefined;
}

/** Where the string that begins here ends; behind the text where it does not. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    const end = text.indexOf('"', at);
    if (end < 0) return text.length;
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    // An even number of backslashes escape each other.
    if ((end - 1 - before) % 2 === 0) return end;
    at = end;
  }
}
