// A login as far as it has come: who is signed in already, and the session that is about to be issued or extended.

import type { Session } from '../../session/session.ts';
import type { Submission } from '../engine/submission.ts';
import type { Proof } from '../method/outcome.ts';
import type { FlowResult } from '../result.ts';
import type { SignedIn } from '../session/signed-in.ts';

export interface LoginSubmission extends Submission {
  readonly active: SignedIn | undefined;
  /** Takes the submission once more, from its start; absent where it was taken often enough. */
  readonly again?: (() => Promise<FlowResult>) | undefined;
}

export interface SessionDraft {
  readonly proofs: readonly Proof[];
  readonly session: Session;
  readonly token: string;
  /** A browser's session gets a new token with each new proof; a native app keeps the one it holds. */
  readonly isNewToken: boolean;
}
