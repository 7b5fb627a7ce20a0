// The contract of a hook: what an operator hangs between the steps of a flow, and the values it may answer with.
import type { TSchema } from 'typebox';
import type { CourierMessage, MessageDraft } from '../../courier/message.ts';
import type { FullIdentity, VerifiableAddress } from '../../identity/identity.ts';
import type { FlowId } from '../../lib/ids.ts';
import type { ApiError } from '../../protocol/api-error.ts';
import type { Problem } from '../../protocol/message.ts';
import type { Session } from '../../session/session.ts';
import type { Flow, FlowKind } from '../flow.ts';
import type { ContinueWith, Effect } from '../method/outcome.ts';
import type { FlowRequest } from '../request.ts';

export interface HookContext {
  readonly flow: Flow;
  readonly request: FlowRequest;
  /** Time of the act, in milliseconds since 1970. */
  readonly atMs: number;
  /** Absent before anybody is known. */
  readonly identity?: FullIdentity;
  /** The session that is about to be issued or used. */
  readonly session?: Session;
  /** The verification of an address that was begun with the act. */
  readonly verification?: BegunVerification;
  /** Begins the verification of an address that is not verified; for hooks that ask for it before anything else happens. */
  readonly begin?: () => Promise<BegunByHook>;
  /** The person as stored, where `identity` is what they are about to become. */
  readonly previous?: FullIdentity;
  /** Settings: lets the change wait until this new address in it is verified. */
  readonly postpone?: (address: VerifiableAddress) => Promise<HookAnswer>;
  /** Makes a notice to the person; undefined where that failed, which is logged: a notice never stops the act. */
  readonly composeNotice?: (draft: MessageDraft) => Promise<CourierMessage | undefined>;
  /** Public base address, ending in a slash, for what is shown of the person. */
  readonly publicUrl?: string;
}

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

/**
 * What a hook answers. `veto` shows the problems on the form; an ApiError that a hook throws is a refusal.
 * Everything in `pass` is optional and happens together with the act, in its transaction.
 */
export type HookAnswer =
  | {
      readonly kind: 'pass';
      readonly identity?: FullIdentity;
      readonly continueWith?: readonly ContinueWith[];
      /** Registration: the new person is signed in at once. */
      readonly signsIn?: true;
      readonly effect?: Effect;
      /** A verification that the hook began; later hooks see it. */
      readonly verification?: BegunVerification;
      /** Where a person in a browser goes instead of the return URL. */
      readonly goTo?: string;
    }
  | { readonly kind: 'veto'; readonly problems: readonly Problem[] }
  /** The act does not happen now: only the effects do. The form is shown with what to do instead. */
  | {
      readonly kind: 'postpone';
      readonly effects: readonly Effect[];
      readonly continueWith: readonly ContinueWith[];
      readonly goTo: string;
    }
  /** Stops the act with a refusal; what was begun instead is stored. */
  | { readonly kind: 'refuse'; readonly error: ApiError; readonly effects: readonly Effect[] };

export const pass: HookAnswer = { kind: 'pass' };

export interface HookHandlers {
  /** Before a flow is made. A throw stops it. */
  readonly init?: (context: HookContext) => Promise<HookAnswer>;
  /** After proof, before anything is written. */
  readonly before?: (context: HookContext) => Promise<HookAnswer>;
  /** Prepares what is written together with the act, when nothing stops it any more. */
  readonly together?: (context: HookContext) => Promise<HookAnswer>;
  /** After everything is written. */
  readonly after?: (context: HookContext) => Promise<HookAnswer>;
}

/** Switches of the protocol that hooks look at. */
export interface HookFeatures {
  /** An unverified address is a message on the form, as it once was. */
  readonly refusesUnverifiedOnForm: boolean;
}

export interface HookDefinition<Config> {
  readonly name: string;
  /** Where the configuration may name it. */
  readonly flows: readonly FlowKind[];
  readonly config?: TSchema;
  /** True: it runs behind all others, wherever it is listed. */
  readonly isLast?: true;
  readonly create: (config: Config, features: HookFeatures) => HookHandlers;
}

export interface BoundHook {
  readonly name: string;
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

/** The answers that end an act before it happens. */
export type HookStop = Extract<HookAnswer, { kind: 'veto' | 'postpone' | 'refuse' }>;

export interface HookSummary {
  readonly kind: 'pass';
  readonly identity: FullIdentity | undefined;
  readonly continueWith: readonly ContinueWith[];
  readonly signsIn: boolean;
  readonly effects: readonly Effect[];
  readonly goTo: string | undefined;
  readonly verification: BegunVerification | undefined;
}

/** What a phase that stops nothing wants written. */
export const effectsOf = (of: HookSummary | HookStop): readonly Effect[] =>
  of.kind === 'pass' ? of.effects : [];

/** Runs a phase of the hooks in order and stops at the first that does not let it pass. */
export async function runHooks(
  hooks: readonly BoundHook[],
  phase: keyof HookHandlers,
  context: HookContext,
): Promise<HookSummary | HookStop> {
  let current = context;
  const continueWith: ContinueWith[] = [];
  const effects: Effect[] = [];
  let signsIn = false;
  let goTo: string | undefined;
  const ordered = [...hooks.filter((hook) => !hook.isLast), ...hooks.filter((hook) => hook.isLast)];
  for (const hook of ordered) {
    const answer = await hook.handlers[phase]?.(current);
    if (!answer) continue;
    if (answer.kind !== 'pass') return answer;
    if (answer.identity) current = { ...current, identity: answer.identity };
    if (answer.verification) current = { ...current, verification: answer.verification };
    continueWith.push(...(answer.continueWith ?? []));
    if (answer.effect) effects.push(answer.effect);
    signsIn ||= answer.signsIn === true;
    goTo = answer.goTo ?? goTo;
  }
  const { identity, verification } = current;
  return { kind: 'pass', identity, continueWith, signsIn, effects, goTo, verification };
}

/**
 * The hooks that run for a method: its own list where one of it has something to do in this phase, else the list for all
 * (docs/protocol/platform.md 3.1). What may change an identity before it is stored is taken from the method's own list only.
 */
export function hooksFor(hooks: FlowHooks, method: string, phase: keyof HookHandlers): readonly BoundHook[] {
  const own = hooks.byMethod[method] ?? [];
  return own.some((hook) => hook.handlers[phase]) ? own : hooks.all;
}
