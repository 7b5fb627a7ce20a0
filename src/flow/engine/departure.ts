// Leaving a flow for another place and coming back: the state that the browser must bring, and what waits for it here.
import { type FlowId, newUuid, parseUuid } from '../../lib/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';

/** Kinds of flows that lead to another place and back. */
export type DepartingKind = 'login' | 'registration' | 'settings';

/** What a state says once it was opened. */
export interface State {
  readonly flowId: FlowId;
  readonly kind: DepartingKind;
  readonly method: string;
  /** Ties the state to one departure of the flow, and to the browser that holds it in a cookie. */
  readonly nonce: string;
  readonly expiresAtMs: number;
}

/** How long one may take at the other place (docs/protocol/methods.md 8.3). */
const LIFESPAN_MS = 30 * 60_000;

type Deps = Pick<FlowDeps, 'clock' | 'stateSealer'>;

/** The flow that waits for its person, and the state to give along. An earlier departure of the flow is void. */
export function depart(
  { clock, stateSealer }: Deps,
  flow: Flow & { readonly kind: DepartingKind },
  method: string,
): { readonly flow: Flow; readonly state: string; readonly nonce: string } {
  const nonce = newUuid();
  const expiresAtMs = clock.nowMs() + LIFESPAN_MS;
  const { transientPayload = null, ...rest } = flow;
  return {
    nonce,
    state: stateSealer.seal(JSON.stringify([flow.id, flow.kind, method, nonce, expiresAtMs])),
    // What the client gave for hooks is needed on the way back. It lives here and nowhere else, and nobody can read it.
    flow: { ...rest, departure: stateSealer.seal(JSON.stringify([nonce, transientPayload])) },
  };
}

/** Undefined where it was not made here, or was changed on the way. */
export function openState({ stateSealer }: Pick<FlowDeps, 'stateSealer'>, sealed: string): State | undefined {
  const opened = stateSealer.open(sealed);
  const parts: Json = opened === undefined ? null : JSON.parse(opened);
  if (!Array.isArray(parts)) return undefined;
  const [id, kind, method, nonce, expiresAtMs] = parts;
  const flowId = typeof id === 'string' ? parseUuid<FlowId>(id) : undefined;
  if (!flowId || typeof method !== 'string' || typeof nonce !== 'string') return undefined;
  if (typeof expiresAtMs !== 'number') return undefined;
  if (kind !== 'login' && kind !== 'registration' && kind !== 'settings') return undefined;
  return { flowId, kind, method, nonce, expiresAtMs };
}

/** The flow as it goes on after the person has come back; undefined where it waits for nobody, or for a newer state. */
export function arrive(
  { stateSealer }: Pick<FlowDeps, 'stateSealer'>,
  flow: Flow,
  nonce: string,
): Flow | undefined {
  const { departure, ...rest } = flow;
  const opened = departure === undefined ? undefined : stateSealer.open(departure);
  const parts: Json = opened === undefined ? null : JSON.parse(opened);
  if (!Array.isArray(parts) || parts[0] !== nonce) return undefined;
  const payload = parts[1];
  return isJsonObject(payload) ? { ...rest, transientPayload: payload satisfies JsonObject } : rest;
}
