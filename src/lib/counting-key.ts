// Under which name are the requests of an address counted? IPv4 by address; IPv6 by its /64, because one customer has a whole /64 or more.

/** Each way to write an address gives the same key. Anything that is no address is its own key. */
export function countingKey(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice('::ffff:'.length);
  return `${plainPrefix(address) ?? parsedPrefix(address)}::/64`;
}

const COLON = 0x3a;
const ZERO = 0x30;

/** The first four groups, where they stand in the text already: lower case, no gap before, no leading zeros. */
function plainPrefix(address: string): string | undefined {
  let colons = 0;
  let before = COLON;
  for (let index = 0; index < address.length; index++) {
    const character = address.charCodeAt(index);
    if (character === COLON) {
      if (before === COLON) return undefined;
      colons += 1;
      if (colons === 4) return address.slice(0, index);
    } else if (character >= 0x41 && character <= 0x5a) return undefined;
    else if (before === COLON && character === ZERO && address.charCodeAt(index + 1) !== COLON)
      return undefined;
    before = character;
  }
  return undefined;
}

function parsedPrefix(address: string): string {
  const gap = address.indexOf('::');
  const head = groups(gap < 0 ? address : address.slice(0, gap));
  if (gap >= 0 && head.length < 4) {
    // The gap stands for as many zeros as make eight groups of the whole.
    const tail = groups(address.slice(gap + 2));
    const tailLength = tail.length + (tail.at(-1)?.includes('.') ? 1 : 0); // a dotted IPv4 end is two groups
    for (let zeros = 8 - head.length - tailLength; zeros > 0 && head.length < 4; zeros -= 1) head.push('0');
    for (const group of tail) if (head.length < 4) head.push(group);
  }
  return head.slice(0, 4).join(':');
}

function groups(text: string): string[] {
  if (text === '') return [];
  return text.split(':').map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
}
