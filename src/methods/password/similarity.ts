// Does a password resemble what one signs in with? (contract/methods.md section 5)

/** Longer texts are not compared: the cost grows with the product of the lengths. */
const LENGTH_LIMIT = 256;
const LEAST_DISTANCE = 5;
const MOST_COMMON_SHARE = 0.5;

/** True where few edits lead from one to the other, or more than half of the password stands in the identifier. */
export function resembles(password: string, identifier: string): boolean {
  const a = [...identifier.toLowerCase()];
  const b = [...password.toLowerCase()];
  if (a.length === 0 || a.length > LENGTH_LIMIT || b.length > LENGTH_LIMIT) return false;
  return editDistance(a, b) < LEAST_DISTANCE || longestCommonRun(a, b) / b.length > MOST_COMMON_SHARE;
}

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
