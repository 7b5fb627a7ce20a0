// How a submission ends. Methods answer with one of these values; complete.ts of each flow says what follows.

import type { Node, NodeEdit } from '../../form/node.ts';
import type { CredentialDraft } from '../../identity/assemble.ts';
import type { AddressKey, Change } from '../../identity/change/change.ts';
import type { Guard } from '../../identity/change/plan.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { ValidatedTraits } from '../../identity/validate.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import type { Message, Problem } from '../../protocol/message.ts';
import type { AuthMethodRef } from '../../session/session.ts';
import type { Flow } from '../flow.ts';
import type { Stores } from '../store.ts';
import type { LoginAt, RegistrationAt } from './at.ts';

/** What was proven; the time is added when the session is issued. */
export type Proof = Omit<AuthMethodRef, 'completedAtMs'>;

/** What an effect can reach. A stored person is not among it: they are changed by `Change`s. */
export interface EffectStores extends Omit<Stores, 'identities' | 'sessions'> {
  readonly identities: Pick<Stores['identities'], 'markAddressSent'>;
  readonly sessions: Pick<Stores['sessions'], 'revoke'>;
}

/**
 * A write that belongs to the outcome, such as using up a one-time secret. It runs in the transaction that issues the
 * session or saves the change; `false` means that somebody else was faster, and nothing of the outcome happens.
 */
export type Effect = (stores: EffectStores) => Promise<boolean>;

/** What was seen and decided on; compared again in the transaction that acts on it. */
export type Basis = Pick<Guard, 'credentials' | 'holds'>;

/** A change of the flow that the method asks for. `nodes` replaces the form, `edits` changes it, in this order. */
export interface FlowPatch {
  readonly nodes?: readonly Node[];
  readonly edits?: readonly NodeEdit[];
  /** Replaces the messages above the form. */
  readonly messages?: readonly Message[];
  readonly state?: string;
  readonly active?: string;
  /** Takes the place of what the method keeps in this flow; sealed, and never shown. */
  readonly memory?: JsonObject;
  /** What other methods keep with a form that they offered, by method: `memories` of the offers that the patch is made of. */
  readonly memories?: Readonly<Record<string, JsonObject>>;
  /** In a trial: what came of it. */
  readonly trial?: JsonObject;
  /** Node order by rank instead of the order of the edits. */
  readonly sorted?: true;
}

/** The same form again with what the person can mend. Values that were typed are kept by `echo`, secrets never. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly problems: readonly Problem[];
  readonly patch?: FlowPatch;
  /** Typed values by node name, put back into the form. */
  readonly echo?: JsonObject;
  /** The traits as they were submitted: they take the place of all that the form holds, and what is not among them is empty. */
  readonly traits?: JsonObject;
  /** What a refusal leaves with the person, such as a counter. It is left out where it does not fit any more. */
  readonly changes?: readonly Change[];
}

/** The next step of the same flow: a code was sent, the identifier is known, one went back. */
export interface Continue {
  readonly kind: 'continue';
  readonly patch: FlowPatch;
  /** What clients that read JSON get as status: most steps say 400, and 422 sends them to the flow's page (docs/protocol/methods.md section 20). */
  readonly jsonStatus: 200 | 400 | 422;
  readonly effect?: Effect;
  /** The flow is shown to the browser of this request from now on, with a new anti-CSRF token: it followed a link. */
  readonly opensTo?: 'this-browser';
  /** One went back: nothing that came with this submission is shown. */
  readonly isStepBack?: true;
}

/** Leave for another place, such as a provider: 303 for browsers, 422 with the address for everybody else. */
export interface Redirect {
  readonly kind: 'redirect';
  /**
   * An address; or, where the person comes back from there by the method's callback, the address made of the state that
   * they must bring back.
   */
  readonly to: string | ((state: string) => string | Promise<string>);
  readonly patch?: FlowPatch;
}

/** The attempt goes on in a new flow that keeps address, return URL, schema and transient payload of this one, which ends. */
export type HandOver =
  | (HandOverOptions & {
      readonly to: 'login';
      /** Every method shows itself at once, whatever the style of login. */
      readonly isUnified?: true;
      /** What the method answers in the new flow; the form is shown where it is absent. */
      readonly goOn?: (at: LoginAt) => Promise<LoginOutcome>;
    })
  | (HandOverOptions & {
      readonly to: 'registration';
      readonly goOn?: (at: RegistrationAt) => Promise<RegistrationOutcome>;
    });

interface HandOverOptions {
  readonly kind: 'handover';
  /** Made of the new flow's form. */
  readonly patch?: (flow: Flow) => FlowPatch;
  /** Added to the address of the new flow's page. */
  readonly pageQuery?: Readonly<Record<string, string>>;
}

/** Normalised, as identities hold it. */
export type ProvenAddress = AddressKey;

export interface Authenticated {
  readonly kind: 'authenticated';
  readonly identity: Snapshot;
  readonly proof: Proof;
  /** What it was checked against. Where that is different by now, the submission is taken once more from its start. */
  readonly basis?: Basis;
  /** Belong to the sign-in, such as a linked account: where one does not fit any more, the submission is taken once more. */
  readonly changes?: readonly Change[];
  /** Come with the sign-in where they still fit: a new hash of an old password must not undo a new one. */
  readonly optional?: readonly Change[];
  /** Addresses that were shown to be the person's by the way; they count as verified from now on. */
  readonly addresses?: readonly ProvenAddress[];
  readonly effect?: Effect;
}

/** An answer of `join`: the sign-in goes on with more than it began with. */
export interface Joined {
  readonly kind: 'joined';
  readonly changes: readonly Change[];
  readonly proof?: Proof;
}
export type LoginOutcome = Authenticated | Continue | Redirect | HandOver | Rejected;

export interface Registered {
  readonly kind: 'registered';
  readonly traits: ValidatedTraits;
  readonly credential: CredentialDraft;
  /**
   * The credential as it counts only once the address is proven. With it a registration can be answered alike whether or not
   * somebody has the address.
   */
  readonly heldUntilProven?: (address: string) => CredentialDraft;
  readonly proof: Proof;
  /** As in `Authenticated`. */
  readonly addresses?: readonly ProvenAddress[];
  readonly metadataPublic?: Json;
  readonly metadataAdmin?: Json;
  /** How the flow stands where the proof was right but somebody else has the identifier. */
  readonly patchIfTaken?: FlowPatch;
  /** What happens then instead of a message on the form, such as signing in to the account that there is. */
  readonly ifTaken?: (taken: Taken) => Promise<HandOver | Rejected | undefined>;
  readonly effect?: Effect;
}

/** An identifier or address of a registration that somebody has. */
export interface Taken {
  readonly holder: FullIdentity | undefined;
  /** The one that both have; empty where none could be found any more. */
  readonly identifier: string;
  /** How its holder signs in; only where the configuration wants that told. */
  readonly hints?: SignInHints;
}

export interface SignInHints {
  readonly availableCredentialTypes: readonly string[];
  readonly availableProviders: readonly string[];
}
export type RegistrationOutcome = Registered | Continue | Redirect | HandOver | Rejected;

export interface Changed {
  readonly kind: 'changed';
  readonly changes: readonly [Change, ...Change[]];
  readonly basis?: Basis;
  /** The node at which the form says that the last way to sign in stays; absent: above the form. */
  readonly lastFactorAt?: string;
  /** A proof that came with the change, such as the first code of a new device; added to the session. */
  readonly proof?: Proof;
  /** A sensitive change needs a recent sign-in. Traits are sensitive where identifiers or addresses follow from them. */
  readonly isSensitive: boolean | 'if-sign-in-changes';
  readonly effect?: Effect;
}
export type SettingsOutcome = Changed | Continue | Redirect | Rejected;

/** Recovery or verification: the secret that was sent came back, so whoever sent it can read what is sent to the address. */
export interface Proven {
  readonly kind: 'proven';
  readonly identity: Snapshot;
  /** The address that was shown to be the person's; absent where an administrator made the secret. */
  readonly address: ProvenAddress | undefined;
  /** What a recovered session has for a proof; unused in verification. */
  readonly proof: Proof;
  /** Uses the secret up. */
  readonly effect: Effect;
  /** A link was followed: its browser is shown pages, whatever it accepts (docs/protocol/http.md 2.9). */
  readonly isFollowedLink?: true;
  /** What follows where the proof holds no longer: the address is not theirs any more, or what waited for it is stale. */
  readonly ifStale: Continue | Restart;
}

/** Nothing more can be done with this flow: a new one of the same kind and type takes its place, and says why. */
export interface Restart {
  readonly kind: 'restart';
  readonly message: Message;
  /** A link was followed in a browser, so the new flow is for that browser whatever the old one was. */
  readonly isFollowedLink?: true;
  /** It came too late: the new flow keeps the address and the method of the old one. */
  readonly isLate?: true;
}
export type ProofOutcome = Proven | Restart | Continue | Rejected;

/** Rejects with one message above the form, or at a node. */
export function rejected(message: Message, at?: string, patch?: FlowPatch): Rejected {
  return {
    kind: 'rejected',
    problems: [at === undefined ? { message } : { message, at }],
    ...(patch ? { patch } : {}),
  };
}

/** What a client should do next, in the words of the protocol (docs/protocol/http.md 2.5). */
export type ContinueWith =
  | { readonly action: 'redirect_browser_to'; readonly redirect_browser_to: string }
  | { readonly action: 'set_ory_session_token'; readonly ory_session_token: string }
  | {
      readonly action: 'show_verification_ui';
      readonly flow: { readonly id: string; readonly verifiable_address: string; readonly url?: string };
    }
  | { readonly action: 'show_settings_ui'; readonly flow: { readonly id: string; readonly url?: string } }
  | { readonly action: 'show_recovery_ui'; readonly flow: { readonly id: string } };
