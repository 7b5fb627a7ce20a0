// A length of time in words, for sentences that people read.

const MINUTE_MS = 60_000;

/** "less than a minute", "1 minute", "15 minutes". */
export function spanInWords(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes < 1) return 'less than a minute';
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
