// What exchanges of two codes for a session need from storage.
import type { FlowId } from '../../lib/ids.ts';
import type { FlowKind } from '../flow.ts';

/** A pair of codes, as digests. */
export interface ExchangePair {
  readonly initDigest: string;
  readonly returnDigest: string;
  readonly nowMs: number;
}

interface FlowKey {
  readonly id: FlowId;
  readonly kind: FlowKind;
}

export interface ExchangeStore {
  insert(exchange: { readonly initDigest: string; readonly expiresAtMs: number }): Promise<void>;
  /** What the app will find; the second code is a new one each time. Nothing changes once a session waits. */
  answer(
    initDigest: string,
    found: {
      readonly returnDigest: string;
      readonly flow?: FlowKey | undefined;
      readonly sealedToken?: string | undefined;
    },
  ): Promise<void>;
  /** The session's token, sealed, for exactly one of those who ask; then the pair is gone. */
  take(pair: ExchangePair): Promise<string | undefined>;
  findFlow(pair: ExchangePair): Promise<FlowKey | undefined>;
  deleteExpiredBefore(beforeMs: number, limit: number): Promise<number>;
}
