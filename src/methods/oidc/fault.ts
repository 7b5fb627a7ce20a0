// Why a person who came back from a provider cannot be signed in.
import type { Json, JsonObject } from '../../lib/json.ts';

/** Steps of a callback, by the names that a trial sign-in reports (contract/methods.md 8.11). */
export type CallbackStep =
  | 'state_validate'
  | 'provider_denied'
  | 'token_exchange'
  | 'id_token_verify'
  | 'claims_decode'
  | 'callback'
  | 'jsonnet_run'
  | 'schema_validate';

/** Marks faults of the configuration, which Kratos tells apart. */
export const SETTINGS = Symbol('the configuration is at fault');

/** Thrown inside of providers and caught where the callback is taken: it never leaves the method. */
export class ProviderFault extends Error {
  readonly step: CallbackStep;
  /** 400: shown on the form, the person may try again. 403, 500, 502: an error of its own. */
  readonly status: 400 | 403 | 500 | 502;

  constructor(step: CallbackStep, status: ProviderFault['status'], reason: string, cause?: unknown) {
    super(reason, cause === undefined ? {} : { cause });
    this.name = 'ProviderFault';
    this.step = step;
    this.status = status;
  }
}

/** The person can try again; what they read is `reason`. */
export const retryFault = (step: CallbackStep, reason: string): ProviderFault =>
  new ProviderFault(step, 400, reason);
/** The operator's snippet failed; the log has the reason, the person has not. */
export const mapperFault = (reason: string, cause?: unknown): ProviderFault =>
  new ProviderFault('jsonnet_run', 500, reason, cause);
export const settingsFault = (reason: string): ProviderFault =>
  new ProviderFault('jsonnet_run', 500, reason, SETTINGS);
export const unreachable = (reason: string, cause?: unknown): ProviderFault =>
  new ProviderFault('callback', 502, reason, cause);
/** Of an id_token that a native app brought (docs/protocol/methods.md 8.7). */
export const nativeFault = (reason: string, cause?: unknown): ProviderFault =>
  new ProviderFault('id_token_verify', 403, reason, cause);
export const nonceFault = (reason: string): ProviderFault =>
  new ProviderFault('id_token_verify', 502, reason);
export const tokenFault = (reason: string, cause?: unknown): ProviderFault =>
  new ProviderFault('token_exchange', 502, reason, cause);
export const idTokenFault = (reason: string, cause?: unknown): ProviderFault =>
  new ProviderFault('id_token_verify', 400, reason, cause);
export const claimsFault = (reason: string, cause?: unknown): ProviderFault =>
  new ProviderFault('claims_decode', 502, reason, cause);

/** A text member of an answer, or nothing; numbers become text, since ids are written both ways. */
export function textOf(from: JsonObject | undefined, name: string): string | undefined {
  const value: Json | undefined = from?.[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
