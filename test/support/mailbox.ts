// What was sent to somebody, read where a developer reads it: in the mailbox of development mode.
import assert from 'node:assert/strict';

export interface ReadLetter {
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
  readonly template_type: string;
  readonly codes: readonly string[];
  readonly links: readonly string[];
}

/** Messages to one person, newest first, of a server that listens. */
export async function lettersTo(url: string, recipient: string): Promise<readonly ReadLetter[]> {
  const query = new URLSearchParams({ recipient });
  const answer = await fetch(`${url}dev/inbox?${query}`, { headers: { Accept: 'application/json' } });
  assert.equal(answer.status, 200);
  const { messages } = (await answer.json()) as { readonly messages: readonly ReadLetter[] }; // ours: src/pages/inbox/inbox-letter.ts
  return messages;
}
