// Identifiers with a type of their own, so that a session id cannot be handed in for an identity id.
import { randomUUID } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type IdentityId = Branded<'IdentityId'>;
export type SessionId = Branded<'SessionId'>;
export type FlowId = Branded<'FlowId'>;

/** What stands where an id is asked for and there is none (docs/protocol/http.md section 1: a malformed id is the zero id). */
export const ZERO_UUID = '00000000-0000-0000-0000-000000000000';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

// The casts below are the only places where a plain string becomes a branded id.
export const newIdentityId = (): IdentityId => randomUUID() as IdentityId;
export const newSessionId = (): SessionId => randomUUID() as SessionId;
export const newFlowId = (): FlowId => randomUUID() as FlowId;
export const newUuid = (): string => randomUUID();

/** The id in canonical lower case, or undefined where the text is no UUID. */
export function parseUuid<Id extends string = string>(text: string | undefined | null): Id | undefined {
  return text && UUID.test(text) ? (text.toLowerCase() as Id) : undefined;
}
