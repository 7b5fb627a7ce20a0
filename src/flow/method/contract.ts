// The contract of a method: one folder exports one definition, the registry has one line for it.
import type { TSchema } from 'typebox';
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import type { Flow, FlowKind } from '../flow.ts';
import type { Person } from './at.ts';
import type { MethodCallback, MethodRoute } from './callback.ts';
import type { CredentialKind, FactorCount } from './credential-kind.ts';
import type { MethodDeps } from './method-deps.ts';
import type { LoginStep, ProofStep, RegistrationStep, SettingsStep } from './step.ts';

export type { At, LoginAt, Person, ProofAt, RegistrationAt, SettingsAt } from './at.ts';
export type { MethodCallback, MethodRoute, Returned, RouteOutcome } from './callback.ts';
export type { CredentialKind, FactorCount, ImportDeps, StoredCredential } from './credential-kind.ts';
export {
  type Guess,
  type Issued,
  type KnownPersonStage,
  type LoginMoves,
  type LoginStage,
  type LoginStep,
  noOffer,
  type Offer,
  type Offers,
  type ProofStep,
  type RegistrationMoves,
  type RegistrationStage,
  type RegistrationStep,
  type SettingsStep,
  type Submitted,
} from './step.ts';

/** What a method does: a step for each flow that it takes part in, and what it answers besides. */
export interface MethodHandlers {
  readonly login?: LoginStep;
  readonly registration?: RegistrationStep;
  readonly settings?: SettingsStep;
  readonly recovery?: ProofStep;
  readonly verification?: ProofStep;
  readonly callback?: MethodCallback;
  /**
   * Marks on its buttons in the built-in pages, by the value of the button: an SVG path in a box of 24 by 24, or the empty
   * text for the first letter of the name.
   */
  readonly marks?: Readonly<Record<string, string>>;
  /** What the built-in account page suggests to a person in its section, such as to create backup codes; undefined: nothing. */
  readonly suggest?: (of: Person & { readonly factors: FactorCount }) => Suggestion | undefined;
  /** Fewest characters of a secret that people choose, for the hint on the built-in pages. */
  readonly leastCharacters?: number;
  readonly routes?: readonly MethodRoute[];
}

/** A sentence, and the words of a link to the method's section. */
export interface Suggestion {
  readonly text: string;
  /** For `{name}` in the text. */
  readonly values?: Readonly<Record<string, number>>;
  readonly link: string;
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

/** What the built-in pages say of a method; without it they make do with its name. */
export interface MethodWords {
  /** Its section on the account page. */
  readonly section?: SectionWords;
  /** What its main button says where it sends something: "Send code". */
  readonly sends?: string;
  /** What its main button of a registration says, where it does not create the account yet: "Continue". */
  readonly signUp?: string;
  /** Text fields that browsers should treat with care, by their names. */
  readonly fields?: Readonly<Record<string, FieldWords>>;
}

export interface SectionWords {
  readonly title: string;
  readonly about?: string;
  /** In place of "Save". */
  readonly save?: string;
}

/** `digits`: a code that is used once. `exact`: spelled exactly, so that nothing is corrected or begun with a capital letter. */
export type FieldWords = 'digits' | 'exact';

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
  /** True where it can show both factors by itself, as a provider that says how a person has signed in. */
  readonly canProveBoth?: (config: Config) => boolean;
  /** Every message the method owns, by name: for the catalogue of messages and for its page in docs. */
  readonly messages: Readonly<Record<string, Message>>;
  readonly words?: MethodWords;
  /** Bodies that are its own without `method`. */
  readonly claims?: (body: JsonObject, flow: Flow) => boolean;
  readonly create: (deps: MethodDeps, config: Config) => MethodHandlers;
}

/** Keeps the configuration type of a definition; it does nothing else. */
export function defineMethod<Config>(definition: MethodDefinition<Config>): MethodDefinition<Config> {
  return definition;
}
