// A transaction that is kept only where its work succeeded: whoever was too late, or decided on what is no longer so, leaves no trace.
import { IdentityConflict } from '../../identity/store.ts';
import type { Database, Stores } from '../store.ts';

/** Somebody else holds a value that is unique. */
export interface Taken {
  readonly kind: 'taken';
  readonly what: IdentityConflict['what'];
}

/** Another submission of the same flow was faster. */
export interface Lost {
  readonly kind: 'lost';
}
export const lost: Lost = { kind: 'lost' };

class TakenBack extends Error {
  readonly answer: { readonly kind: string };

  constructor(answer: { readonly kind: string }) {
    super('taken back');
    this.answer = answer;
  }
}

/** Runs work in one transaction. What it wrote stays where it answers `written`, and is taken back with every other answer. */
export async function unit<Answer extends { readonly kind: string }>(
  database: Database,
  work: (stores: Stores) => Promise<Answer>,
): Promise<Answer | Taken> {
  try {
    return await database.transaction(async (stores) => {
      const answer = await work(stores);
      if (answer.kind !== 'written') throw new TakenBack(answer);
      return answer;
    });
  } catch (error) {
    // It carries what the work above answered.
    if (error instanceof TakenBack) return error.answer as Answer;
    if (error instanceof IdentityConflict) return { kind: 'taken', what: error.what };
    throw error;
  }
}
