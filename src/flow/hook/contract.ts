// The contract of a hook: what an operator hangs between the steps of a flow, and the values it may answer with.
import type { TSchema } from 'typebox';
import type { CourierMessage, MessageDraft } from '../../courier/message.ts';
import type { GivenAddress } from '../../identity/admin/given-addresses.ts';
import type { FullIdentity, IdentityState, VerifiableAddress } from '../../identity/identity.ts';
import type { Sealer } from '../../lib/cipher.ts';
import type { Clock } from '../../lib/clock.ts';
import type { FlowId, IdentityId } from '../../lib/ids.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import type { Jsonnet } from '../../lib/jsonnet/jsonnet.ts';
import type { Log } from '../../lib/log.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import type { DeliveryOutcome, OutboxEvent } from '../../outbox/event.ts';
import type { ApiError } from '../../protocol/api-error.ts';
import type { Problem } from '../../protocol/message.ts';
import type { Session } from '../../session/session.ts';
import type { Flow, FlowKind } from '../flow.ts';
import type { Person } from '../method/at.ts';
import type { ContinueWith, Effect } from '../method/outcome.ts';
import type { FlowRequest } from '../request.ts';

/** What every phase knows: the flow, and of the request its headers, cookies, address and what the client gave for hooks. */
interface Happening {
  /** With `transientPayload`, where the client gave one. */
  readonly flow: Flow;
  readonly request: FlowRequest;
  /** Time of the act, in milliseconds since 1970. */
  readonly atMs: number;
}

/** A flow is about to be made. */
export interface InitContext extends Happening {
  readonly kind: FlowKind;
  /** Who is signed in; known in settings only. */
  readonly person?: Person;
}

interface Act extends Happening {
  /** Name of the method that was used. */
  readonly method: string;
  /** The person as they are about to be stored, after the changes of earlier hooks. */
  readonly identity: FullIdentity;
}

export interface LoginHookContext extends Act {
  readonly kind: 'login';
  /** The session that is about to be issued or extended. */
  readonly session: Session;
  /** Begins the verification of an address that is not verified, for hooks that ask for it before anything else happens. */
  readonly beginVerification: () => Promise<BegunByHook>;
  readonly verification: BegunVerification | undefined;
}

export interface RegistrationHookContext extends Act {
  readonly kind: 'registration';
  /** Only in `after`, where the new person is signed in. */
  readonly session: Session | undefined;
  /** The verification that was begun with the act; only in `after`. */
  readonly verification: BegunVerification | undefined;
}

export interface SettingsHookContext extends Act {
  readonly kind: 'settings';
  readonly session: Session;
  /** The person as stored before the change. */
  readonly previous: FullIdentity;
  readonly verification: BegunVerification | undefined;
  /** Lets the change wait until this new address in it is verified. Absent where it has waited already. */
  readonly postpone: ((address: VerifiableAddress) => Promise<Postponed | Vetoed>) | undefined;
}

export interface RecoveryHookContext extends Act {
  readonly kind: 'recovery';
  readonly session: Session;
}

export interface VerificationHookContext extends Act {
  readonly kind: 'verification';
}

export type HookContext =
  | LoginHookContext
  | RegistrationHookContext
  | SettingsHookContext
  | RecoveryHookContext
  | VerificationHookContext;

/** Verifications that a hook began, and the writes that belong to them. */
export interface BegunByHook {
  readonly begun: readonly BegunVerification[];
  readonly effects: readonly Effect[];
}

/** A verification flow whose message is on its way. */
export interface BegunVerification {
  readonly flowId: FlowId;
  readonly address: string;
  /** Page of the flow. */
  readonly url: string;
}

/** What a hook makes of a person. It comes from outside: the core checks it before it counts. */
export interface IdentityRewrite {
  readonly schemaId?: string;
  readonly traits?: JsonObject;
  readonly state?: IdentityState;
  readonly metadataPublic?: Json;
  readonly metadataAdmin?: Json;
  /** null takes it away. */
  readonly externalId?: string | null;
  /** Which addresses there are follows from the traits; this says which are verified. */
  readonly verifiableAddresses?: readonly GivenAddress[];
}

/** The problems are shown on the form, at their nodes. */
export interface Vetoed {
  readonly kind: 'veto';
  readonly problems: readonly Problem[];
}

/** The act ends with a refusal; what was begun instead is stored. An ApiError that is thrown does the same. */
export interface Refused {
  readonly kind: 'refuse';
  readonly error: ApiError;
  readonly effects?: readonly Effect[];
}

/** The act does not happen now: only the effects do. The form is shown with what to do instead. */
export interface Postponed {
  readonly kind: 'postpone';
  readonly effects: readonly Effect[];
  readonly continueWith: readonly ContinueWith[];
  readonly goTo: string;
}

/** Everything in it happens together with the act, in its transaction. */
export interface Passed {
  readonly kind: 'pass';
  /** Counts in login, registration and settings. */
  readonly changes?: IdentityRewrite;
  readonly continueWith?: readonly ContinueWith[];
  /** Registration: the new person is signed in at once. */
  readonly signsIn?: true;
  readonly effect?: Effect;
  /** A verification that the hook began; later hooks see it. */
  readonly verification?: BegunVerification;
}

/** What a client is told in the end. */
export interface Added {
  readonly continueWith?: readonly ContinueWith[];
  /** Where a person in a browser goes instead of the return URL. */
  readonly goTo?: string;
}

/** The effect is written before the flow. */
export interface InitPassed {
  readonly kind: 'pass';
  readonly effect?: Effect;
}

export type InitAnswer = InitPassed | Vetoed | Refused;
export type BeforeAnswer = Passed | Vetoed | Refused | Postponed;

export const pass: Passed = { kind: 'pass' };

export interface HookHandlers {
  /** Before a flow is stored. What does not pass keeps it from being made. */
  readonly init?: (context: InitContext) => Promise<InitAnswer>;
  /** After proof, before anything is written. Runs outside of any transaction, so it may wait for others. */
  readonly before?: (context: HookContext) => Promise<BeforeAnswer>;
  /** When nothing stops the act any more: makes ready what is written with it, in its transaction. */
  readonly inTransaction?: (context: HookContext) => Promise<Effect | undefined>;
  /**
   * After everything is written. Nothing is undone any more: an ApiError that is thrown is answered, with the cookies of the
   * session that was issued; any other error is logged, and the act goes on.
   */
  readonly after?: (context: HookContext) => Promise<Added | undefined>;
}

/** Switches of the protocol that hooks look at. */
export interface HookFeatures {
  /** An unverified address is a message on the form, as it once was. */
  readonly refusesUnverifiedOnForm: boolean;
}

/** Something to tell a service later. Events of one target about one person arrive in their order. */
export interface EventDraft {
  /** What happened, as lists show it: `login.after`. */
  readonly kind: string;
  /** Which service gets it, as lists show it. */
  readonly target: string;
  readonly flowId: FlowId;
  readonly identityId?: IdentityId | undefined;
  /** What the delivery of the hook needs; stored sealed. */
  readonly payload: JsonObject;
  readonly atMs: number;
}

/** The context of web hooks -> what a call says; undefined: no call is made. */
export type WebHookBody = (context: JsonObject) => Json | undefined | Promise<Json | undefined>;

/** What hooks are built from. */
export interface HookDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly outbound: Outbound;
  /** Evaluates snippets of operators, apart from the server. */
  readonly jsonnet: Pick<Jsonnet, 'evaluate'>;
  /** Seals what the hook keeps; what one hook sealed opens for no other. */
  readonly sealer: Sealer;
  /** Writes an event; what it returns goes into the transaction of the act. The worker of the outbox delivers it. */
  readonly queue: (draft: EventDraft) => Effect;
  /** Functions of a program that embeds Bia, by the id of the web hook. */
  readonly bodies: Readonly<Record<string, WebHookBody>>;
  /** Makes a notice to a person; undefined where that failed, which is logged: a notice never stops the act. */
  readonly composeNotice: (draft: MessageDraft) => Promise<CourierMessage | undefined>;
  /** Public base address, ending in a slash. */
  readonly publicUrl: string;
  readonly features: HookFeatures;
}

export interface HookDefinition<Config> {
  readonly name: string;
  /** Where the configuration may name it. */
  readonly flows: readonly FlowKind[];
  readonly config?: TSchema;
  /** True: it runs behind all others, wherever it is listed. */
  readonly isLast?: true;
  /**
   * It lets an act happen or not, and does nothing besides: what follows the act is left to the hooks for all methods where
   * a method names no others (docs/protocol/platform.md 3.1).
   */
  readonly isGate?: true;
  /** Of the settings that its schema describes, as the entry in the configuration gives them. */
  readonly create: (config: Config, deps: HookDeps) => HookHandlers;
  /** Hands over what its `queue` wrote; `all` are the settings of every entry that names the hook. */
  readonly createDelivery?: (all: readonly Config[], deps: HookDeps) => Delivery;
  /** Whether an entry with these settings ever queues something; default: yes, where there is a `createDelivery`. */
  readonly mayQueue?: (config: Config) => boolean;
}

export type Delivery = (payload: JsonObject, event: OutboxEvent) => Promise<DeliveryOutcome>;

export interface BoundHook {
  readonly name: string;
  readonly isGate: boolean;
  readonly isLast: boolean;
  readonly handlers: HookHandlers;
}

/** The hooks of one flow, as configured: for all methods, and for one method, whose list replaces the first. */
export interface FlowHooks {
  readonly init: readonly BoundHook[];
  readonly all: readonly BoundHook[];
  readonly byMethod: Readonly<Record<string, readonly BoundHook[]>>;
}
export type HookBook = Readonly<Record<FlowKind, FlowHooks>>;
