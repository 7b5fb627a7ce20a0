// One step of a flow as a method takes it: what it shows, what it accepts, and the facts that both are made from.
import type { Static, TSchema } from 'typebox';
import type { Node, NodeEdit } from '../../form/node.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { FullIdentity, VerifiableAddress } from '../../identity/identity.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import type { Flow } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import type { At, LoginAt, Person, ProofAt, RegistrationAt, SettingsAt } from './at.ts';
import type { FactorCount } from './credential-kind.ts';
import type {
  Authenticated,
  Continue,
  Effect,
  FlowPatch,
  Joined,
  LoginOutcome,
  ProofOutcome,
  RegistrationOutcome,
  Rejected,
  SettingsOutcome,
} from './outcome.ts';

/**
 * What a form shows, and what must come back with it: a challenge, a new secret. The core keeps `memory` with the flow,
 * sealed, under the method's name, and hands it to `submit`, to the callback and to later offers.
 *
 * An offer is made when its form is made: with a new flow, with one that replaces it, with the form after a saved change of
 * settings, and when the flow goes on to another stage. A rejected submission shows the same form again, so the same memory
 * stays good; a method that wants another challenge then says so in the patch of its outcome.
 */
export interface Offer {
  readonly edits: readonly NodeEdit[];
  /** Takes the place of what the method kept in this flow. Absent: what it kept stays. */
  readonly memory?: JsonObject;
}

export const noOffer: Offer = { edits: [] };

/** Where a login stands when its form is made. */
export type LoginStage =
  | { readonly kind: 'first-factor'; readonly identifierLabel: Message }
  | {
      readonly kind: 'first-factor-refresh';
      readonly identity: FullIdentity;
      readonly identifierLabel: Message;
    }
  | { readonly kind: 'second-factor'; readonly identity: FullIdentity; readonly isRefresh: boolean }
  /** Identifier-first, step one: only the identifier is asked for. */
  | { readonly kind: 'identifier'; readonly identifierLabel: Message }
  /** Step two. With `isConcealed` every method shows itself alike, whether or not the account exists. */
  | {
      readonly kind: 'credentials';
      readonly identifier: string;
      readonly identity: FullIdentity | undefined;
      readonly isConcealed: boolean;
    };

/** Stages of a login at which its person is known, so that a method may do the only thing there is to do. */
export type KnownPersonStage = Extract<LoginStage, { readonly kind: 'second-factor' | 'credentials' }>;

/** Where a registration stands: everything at once, or the profile first and then the credential. */
export interface RegistrationStage {
  readonly kind: 'one-step' | 'profile' | 'credentials';
}

/** What all methods offer for one stage, for methods that move the flow on to it. */
export interface Offers {
  readonly edits: readonly NodeEdit[];
  /** What each method keeps with it, by method; a patch takes it as `memories`. */
  readonly memories: Readonly<Record<string, JsonObject>>;
  /** True where at least one method shows something of its own to go on with. */
  readonly isUsable: boolean;
}

/** A submitted body, decoded and checked against the step's schema. */
export interface Submitted<Body extends TSchema> {
  readonly body: Static<Body>;
}

/** A guess at a secret, which the core counts before the method compares anything. */
export interface Guess {
  /** Whose secret: ids of identities, or what stands for somebody who is not known. A try counts against each. */
  readonly accounts: readonly string[];
  /** Short ones are made by machines and typed from a message or an app; the others were chosen by the person. */
  readonly secret: 'short' | 'chosen';
  /** Most tries in this flow alone. */
  readonly maxPerFlow?: number;
  /** A name under which these tries are counted apart from all others of the account, as those of a second factor. */
  readonly apart?: string;
}

/** What every step has: the schema of its body, and what follows from one. */
interface Step<Body extends TSchema, Here extends At, Outcome> {
  /**
   * Schema of the body; only what it names arrives. `method`, `csrf_token` and `transient_payload` belong to the core and
   * reach only a step whose schema names them.
   */
  readonly body: Body;
  /**
   * Values in the address count too: `instead` where a GET submits them, `beside` where a POST may have some there as
   * well. Only for what is no secret. Absent: a body by POST alone.
   */
  readonly query?: 'instead' | 'beside';
  /**
   * True where what was submitted proves by itself where it comes from, as a secret that was sent, or a state that only the
   * right browser can bring back: then it needs no anti-CSRF token and may come from any kind of client.
   */
  isSelfProving?(body: JsonObject, flow: Flow): boolean;
  /** Tells at whose secrets a body guesses; undefined where it holds no guess. */
  guess?(at: Here & Submitted<Body>): Promise<Guess | undefined>;
  submit(at: Here & Submitted<Body>): Promise<Outcome>;
}

/** What a login adds for methods that move it on. */
export interface LoginMoves {
  /** What all enabled methods offer for another stage of this flow. */
  readonly offers: (stage: LoginStage) => Promise<Offers>;
  /** The first step that a method takes by itself at this stage, where one does. */
  readonly begin: (stage: KnownPersonStage) => Promise<Continue | undefined>;
}

export interface LoginStep<Body extends TSchema = TSchema>
  extends Step<Body, LoginAt & LoginMoves, LoginOutcome> {
  /** Levels that this method can prove. A submission at another level is not its own. */
  readonly levels: readonly ('aal1' | 'aal2')[];
  offer(at: LoginAt & { readonly stage: LoginStage }): Promise<Offer>;
  /** Goes on at once where there is nothing to choose, as a code that can only go to one address; undefined: the form is shown. */
  begin?(
    at: LoginAt & {
      readonly stage: KnownPersonStage;
      /** What the person can use besides this method. */
      readonly others: FactorCount;
    },
  ): Promise<Continue | undefined>;
  /**
   * Somebody has proven who they are, by whatever method, in a flow in which this one keeps something: what it adds to the
   * sign-in, such as an account at a provider that waits to be linked. Undefined: nothing.
   */
  join?(at: LoginAt & { readonly identity: Snapshot }): Promise<Joined | Rejected | undefined>;
}

/** What a registration adds for methods that move it on. */
export interface RegistrationMoves {
  /** The form of another stage, from all enabled methods, with these traits filled in. */
  readonly form: (
    stage: RegistrationStage,
    traits: JsonObject,
  ) => Promise<Pick<Offers, 'memories'> & { readonly nodes: readonly Node[] }>;
}

export interface RegistrationStep<Body extends TSchema = TSchema>
  extends Step<Body, RegistrationAt & RegistrationMoves, RegistrationOutcome> {
  offer(at: RegistrationAt & { readonly stage: RegistrationStage }): Promise<Offer>;
  /**
   * The browser that has just made this account sends its form again, since the answer was lost: the sign-in that follows
   * where what it submits proves the account. Undefined, or absent: the person signs in by hand.
   */
  sentAgain?(of: Submitted<Body> & { readonly identity: Snapshot }): Promise<Authenticated | undefined>;
}

export interface SettingsStep<Body extends TSchema = TSchema>
  extends Step<Body, SettingsAt & Person, SettingsOutcome> {
  offer(at: SettingsAt): Promise<Offer>;
  /** True: the traits of the person are part of what it shows, in its group. */
  readonly showsTraits?: true;
  /** True: only a recent sign-in gets as far as `submit`. Otherwise the outcome says whether it was sensitive. */
  readonly isAlwaysSensitive: boolean;
}

/** Recovery and verification: something secret is sent to an address and comes back. */
export interface ProofStep<Body extends TSchema = TSchema> extends Step<Body, ProofAt, ProofOutcome> {
  /** Verification: it can write to phones as well as to mailboxes. */
  readonly reachesPhones?: true;
  /** Recovery: it can ask first which of the person's addresses to use. */
  readonly choosesAddress?: true;
  /** The nodes with which a flow starts, in their final order; the anti-CSRF node (`csrfNode`) is the method's to place. */
  nodes(flow: Flow): readonly Node[];
  /**
   * Verification: sends to an address of the identity at once, as after registration; the flow goes on in `sent_email`.
   * Undefined where nothing more may be sent to the address for now.
   */
  begin?(of: {
    readonly flow: Flow;
    readonly request: FlowRequest;
    readonly identity: FullIdentity;
    readonly address: VerifiableAddress;
    /** True: everything is made alike and counts as guesses at the identity, but nothing is sent, and nothing can be proven by it. */
    readonly isPretence: boolean;
  }): Promise<Continue | undefined>;
  /** Recovery: a secret that an administrator hands over. It proves no address, since it was sent to none. */
  issue?(of: {
    readonly flow: Flow;
    readonly identity: FullIdentity;
    /** Absent: as long as the method is configured to. */
    readonly lifespanMs: number | undefined;
  }): Issued;
}

export interface Issued {
  readonly patch: FlowPatch;
  /** What is handed over, in clear; it is kept nowhere. */
  readonly value: string;
  readonly expiresAtMs: number;
  readonly effect: Effect;
}
