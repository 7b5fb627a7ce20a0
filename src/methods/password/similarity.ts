// Does a password resemble what one signs in with? Rule: docs/protocol/methods.md section 5.

/** Longer texts are not compared: the cost grows with the product of the lengths (0.5 ms at the limit). */
const MOST_BYTES = 256;
const LEAST_DISTANCE = 5;
const MOST_COMMON_SHARE = 0.5;

/** True where few edits lead from one to the other, or more than half of the password stands in the identifier. */
export function resembles(password: string, identifier: string): boolean {
  const [lowerPassword, lowerIdentifier] = [password.toLowerCase(), identifier.toLowerCase()];
  const isComparable = [password, lowerPassword, identifier, lowerIdentifier].every(
    (text) => text !== '' && Buffer.byteLength(text) <= MOST_BYTES,
  );
  if (!isComparable) return false;
  // Code points, so that letters beyond the basic plane count once.
  const a = [...lowerIdentifier];
  const b = [...lowerPassword];
  return editDistance(a, b) < LEAST_DISTANCE || longestCommonRun(a, b) / b.length > MOST_COMMON_SHARE;
}

/** Letters to add, drop or replace (Levenshtein), kept row by row. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of a.entries()) {
    const current = [row + 1];
    for (const [column, other] of b.entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

function longestCommonRun(a: readonly string[], b: readonly string[]): number {
  let longest = 0;
  let previous: readonly number[] = [];
  for (const letter of a) {
    const current = b.map((other, column) => (letter === other ? (previous[column - 1] ?? 0) + 1 : 0));
    longest = Math.max(longest, ...current);
    previous = current;
  }
  return longest;
}
