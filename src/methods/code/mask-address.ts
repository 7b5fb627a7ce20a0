// An address so that its owner knows it again and nobody else can write to it.

const SHOWN_OF_NAME = 2;
const SHOWN_OF_PHONE = { start: 3, end: 2 };
/** Shorter ones would be shown nearly whole, or twice. */
const SHORTEST_PHONE = 6;

/** "an****@example.org", "+41****01" (docs/protocol/methods.md 6.7). Short ones are masked too: nobody sees where they end. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at >= 0) return `${address.slice(0, Math.min(at, SHOWN_OF_NAME))}****${address.slice(at)}`;
  if (address.length < SHORTEST_PHONE) return '****';
  return `${address.slice(0, SHOWN_OF_PHONE.start)}****${address.slice(-SHOWN_OF_PHONE.end)}`;
}
