// The contract of a method: one folder exports one definition, the registry has one line for it.
import type { TSchema } from 'typebox';
import type { Node, NodeEdit } from '../../form/node.ts';
import type { Hasher } from '../../hash/hasher.ts';
import type { CredentialRules } from '../../identity/admin/administration.ts';
import type { CredentialDraft } from '../../identity/assemble.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { Credential, FullIdentity, VerifiableAddress } from '../../identity/identity.ts';
import type { ValidateTraits } from '../../identity/validate.ts';
import type { IdentityId } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import type { Session } from '../../session/session.ts';
import type { Flow, FlowKind } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import type { MethodDeps } from './method-deps.ts';
import type {
  Continue,
  Effect,
  FlowPatch,
  LoginOutcome,
  ProofOutcome,
  RegistrationOutcome,
  SettingsOutcome,
} from './outcome.ts';

/** Usable factors that a credential gives its person. */
export interface FactorCount {
  readonly first: number;
  readonly second: number;
}

export interface ImportDeps {
  readonly hasher: Hasher;
  readonly identityId: IdentityId;
}

/** What the rest of the product must know of a method's credentials without understanding them. */
export interface CredentialKind<Config> {
  /** Counts what can be used now under this configuration; levels and "last way to sign in" follow from it. */
  readonly count: (credential: Credential, config: Config) => FactorCount;
  /** True where `count(...).second` can ever be above 0, so that whoami loads these credentials. */
  readonly isSecondFactor: (config: Config) => boolean;
  /** True where identifiers are made by the method (a subject, a key's handle) and do not follow from the traits. */
  readonly ownsIdentifiers?: true;
  /**
   * Turns what administrators import into what is stored, with identifiers where they are the method's own; throws an
   * ApiError 400 where it cannot be used.
   */
  readonly fromImport?: (config: JsonObject, of: ImportDeps) => Promise<Omit<CredentialDraft, 'type'>>;
  /** Why a config may not be stored as an administrator's patch has left it; the same bounds as those of `fromImport`. */
  readonly patchFault?: (config: JsonObject, of: Pick<ImportDeps, 'hasher'>) => string | undefined;
  /** For credentials of several parts, such as linked accounts: administrators take one out. */
  readonly withoutPart?: CredentialRules['withoutPart'];
  /** How administrators may remove it: never, always, or only while another first factor stays. */
  readonly removal: 'never' | 'always' | 'unless-last';
}

/** The point of a login flow at which nodes are asked for. */
export type LoginMoment =
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

/** The point of a registration flow: everything at once, or the profile first and then the credential. */
export type RegistrationMoment =
  | { readonly kind: 'one-step' }
  | { readonly kind: 'profile' }
  | { readonly kind: 'credentials' };

export interface Attempt {
  readonly flow: Flow;
  /** Decoded and checked against the handler's `payload` schema. */
  readonly payload: JsonObject;
  readonly request: FlowRequest;
}

export interface LoginAttempt extends Attempt {
  /** Who is signed in already, on refresh and step-up. */
  readonly session: { readonly session: Session; readonly identity: Snapshot } | undefined;
  /** Offers of all enabled methods for a moment, for methods that move the flow on. */
  readonly offers: (
    moment: LoginMoment,
  ) => Promise<{ readonly edits: readonly NodeEdit[]; readonly isUsable: boolean }>;
  /** The first step that a method takes by itself at this moment, where one does. */
  readonly begin: (moment: BeginningMoment) => Promise<Continue | undefined>;
}

/** Moments of a login at which its person is known, so that a method may do the only thing there is to do. */
export type BeginningMoment = Extract<LoginMoment, { readonly kind: 'second-factor' | 'credentials' }>;

export interface LoginBeginning {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly moment: BeginningMoment;
  /** What the person can use besides this method. */
  readonly others: FactorCount;
}

export interface RegistrationAttempt extends Attempt {
  readonly schema: IdentitySchema;
  /** Checks traits and derives identifiers and addresses; problems stand on the nodes of the traits. */
  readonly validate: ValidateTraits;
  /** The form of another moment, from all enabled methods, with these traits filled in. */
  readonly form: (moment: RegistrationMoment, traits: JsonObject) => Promise<Flow['form']>;
}

export interface SettingsAttempt extends Attempt {
  readonly identity: Snapshot;
  readonly session: Session;
  readonly validate: ValidateTraits;
  readonly countFactors: (identity: FullIdentity) => FactorCount;
}

interface Handler {
  /** Schema of the body; only what it names arrives. */
  readonly payload: TSchema;
  /** A GET with the values in its query may submit it too: none of them is a secret that must stay out of addresses. */
  readonly takesQuery?: true;
}

export interface LoginHandler extends Handler {
  /** Levels that this method can prove. A submission at another level is not its own. */
  readonly levels: readonly ('aal1' | 'aal2')[];
  readonly nodes: (moment: LoginMoment, flow: Flow) => Promise<readonly NodeEdit[]>;
  readonly submit: (attempt: LoginAttempt) => Promise<LoginOutcome>;
  /** Goes on at once where there is nothing to choose, as a code that can only go to one address; undefined: the form is shown. */
  readonly begin?: (of: LoginBeginning) => Promise<Continue | undefined>;
}

export interface RegistrationHandler extends Handler {
  readonly nodes: (moment: RegistrationMoment, flow: Flow) => Promise<readonly NodeEdit[]>;
  readonly submit: (attempt: RegistrationAttempt) => Promise<RegistrationOutcome>;
}

export interface SettingsHandler extends Handler {
  readonly nodes: (identity: FullIdentity, flow: Flow) => Promise<readonly NodeEdit[]>;
  /** True: the traits of the person are part of what it shows, in its group. */
  readonly showsTraits?: true;
  /** True: only a recent sign-in gets as far as `submit`. Otherwise the outcome says whether it was sensitive. */
  readonly isAlwaysSensitive: boolean;
  readonly submit: (attempt: SettingsAttempt) => Promise<SettingsOutcome>;
}

/** Recovery and verification: something secret is sent to an address and comes back. */
export interface ProofHandler extends Handler {
  /** True where the body holds a secret that was sent: it is proof enough, from whatever client and without a token. */
  readonly isSelfProving?: (body: JsonObject, flow: Flow) => boolean;
  /** Recovery: it can ask first which of the person's addresses to use. */
  readonly choosesAddress?: true;
  /** The nodes with which a flow starts, in their final order; the anti-CSRF node (`csrfNode`) is the method's to place. */
  readonly nodes: (flow: Flow) => readonly Node[];
  readonly submit: (attempt: Attempt) => Promise<ProofOutcome>;
  /**
   * Verification: sends to an address of the identity at once, as after registration; the flow goes on in `sent_email`.
   * Undefined where nothing more may be sent to the address for now.
   */
  readonly begin?: (of: {
    readonly flow: Flow;
    readonly request: FlowRequest;
    readonly identity: FullIdentity;
    readonly address: VerifiableAddress;
  }) => Promise<Continue | undefined>;
  /** Recovery: a secret that an administrator hands over. It proves no address, since it was sent to none. */
  readonly issue?: (of: {
    readonly flow: Flow;
    readonly identity: FullIdentity;
    /** Absent: as long as the method is configured to. */
    readonly lifespanMs: number | undefined;
  }) => Issued;
}

export interface Issued {
  readonly patch: FlowPatch;
  /** What is handed over, in clear; it is kept nowhere. */
  readonly value: string;
  readonly expiresAtMs: number;
  readonly effect: Effect;
}

/** What a route of a method answers: a file, or the outcome of a flow that goes its ordinary way from here. */
export type RouteOutcome =
  | { readonly kind: 'asset'; readonly contentType: string; readonly body: string }
  | { readonly kind: 'redirect'; readonly to: string; readonly status: 302 | 303 }
  | { readonly kind: 'login'; readonly flow: Flow; readonly outcome: LoginOutcome }
  | { readonly kind: 'registration'; readonly flow: Flow; readonly outcome: RegistrationOutcome }
  | { readonly kind: 'settings'; readonly flow: Flow; readonly outcome: SettingsOutcome };

/** A route of a method's own, such as a provider's callback. Mounted on the public port. */
export interface MethodRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly bucket: 'low' | 'medium' | 'high';
  readonly handle: (request: FlowRequest, params: Readonly<Record<string, string>>) => Promise<RouteOutcome>;
}

export interface MethodHandlers {
  readonly login?: LoginHandler;
  readonly registration?: RegistrationHandler;
  readonly settings?: SettingsHandler;
  readonly recovery?: ProofHandler;
  readonly verification?: ProofHandler;
  readonly routes?: readonly MethodRoute[];
}

/** Where a method's nodes stand among the others: rank of its group, and names that come in this order inside groups. */
export interface NodeRanks {
  readonly group?: number;
  readonly keys?: readonly string[];
  /** Its nodes stand among those of the group `default`. */
  readonly isInterleaved?: true;
  /** Registration: the first key stands right behind the first trait, as a password does behind its e-mail address. */
  readonly isBehindFirstTrait?: true;
}

export interface MethodDefinition<Config> {
  /** Body `method`, configuration key, credential type and node group are this one word. */
  readonly name: string;
  /** Which method is asked first, for nodes and for claims. */
  readonly order: number;
  readonly ranks: Readonly<Partial<Record<FlowKind, NodeRanks>>>;
  /** Schema of `selfservice.methods.<name>` beside `enabled`, with defaults and descriptions. */
  readonly config: TSchema;
  readonly isEnabledByDefault: boolean;
  /** True: it takes part in registration even where it is switched off. */
  readonly isAlwaysInRegistration?: true;
  /** Enabled by another setting than its own switch, such as the style of login. */
  readonly isEnabledBy?: (deps: MethodDeps, config: Config & { readonly enabled: boolean }) => boolean;
  readonly credential?: CredentialKind<Config>;
  /** Every message the method owns, by name: for the catalogue of messages and for its page in docs. */
  readonly messages: Readonly<Record<string, Message>>;
  /** Bodies that are its own without `method`. */
  readonly claims?: (body: JsonObject, flow: Flow) => boolean;
  /** False where another proof stands in for the anti-CSRF token, such as a provider's state. */
  readonly checksCsrf?: false;
  readonly create: (deps: MethodDeps, config: Config) => MethodHandlers;
}

/** Keeps the configuration type of a definition; it does nothing else. */
export function defineMethod<Config>(definition: MethodDefinition<Config>): MethodDefinition<Config> {
  return definition;
}
