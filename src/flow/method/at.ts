// What a step of a method knows: the flow, the request, the person, and what the method kept.
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { FactorCount } from '../../identity/factor-count.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { ValidateTraits } from '../../identity/validate.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import type { Session } from '../../session/session.ts';
import type { Flow } from '../flow.ts';
import type { FlowRequest } from '../request.ts';

/** The facts of every step, the same for a form, a submission and a callback. */
export interface At {
  readonly flow: Flow;
  readonly request: FlowRequest;
  /** What this method kept in this flow; empty where it kept nothing. */
  readonly memory: JsonObject;
  /** The schema of the person, or the one that a new person will have. */
  readonly schema: IdentitySchema;
  /** Checks traits and derives identifiers, addresses and labels; problems stand on the nodes of the traits. */
  readonly validate: ValidateTraits;
}

/** Somebody who is signed in. */
export interface Person {
  readonly identity: Snapshot;
  readonly session: Session;
}

export interface LoginAt extends At {
  /** Who is signed in already: on refresh and step-up. */
  readonly person: Person | undefined;
}

export type RegistrationAt = At;

export interface SettingsAt extends At {
  /** For a form, the person as they are about to be; for a submission and a callback, as they are stored. */
  readonly identity: FullIdentity;
  readonly session: Session;
  /** Usable factors of the person, counted over all enabled methods. */
  readonly factors: FactorCount;
}

export type ProofAt = At;
