// The way to a provider: what is remembered, and the address that the browser is sent to.

import type { At } from '../../flow/method/at.ts';
import type { Redirect } from '../../flow/method/outcome.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { randomAlphanumeric } from '../../lib/secret.ts';
import { misconfigured } from '../../protocol/refusals.ts';
import { Type } from '../../schema/typebox.ts';
import { ProviderFault } from './fault.ts';
import type { Entry } from './provider-book.ts';

/** RFC 7636 wants 43 to 128 characters. */
const VERIFIER_LENGTH = 64;
const NONCE_LENGTH = 32;

/** What waits for the person; sealed with the flow. */
export type Pending = {
  readonly provider: string;
  readonly nonce: string;
  readonly verifier: string | null;
  /** As the person typed them before they left. */
  readonly traits: JsonObject;
};

/** Nothing else reaches the provider: a client id or an address from the body would be somebody else's. */
const UPSTREAM = ['hd', 'prompt', 'auth_type', 'acr_values'] as const;

/** Members of a submitted body that go along to the provider. */
export const upstreamBody = Type.Optional(Type.Object({}, { additionalProperties: true }));

function upstreamOf(value: unknown): Record<string, string> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    UPSTREAM.flatMap((name) => {
      const text = value[name];
      return typeof text === 'string' && text !== '' && text.length <= 500 ? [[name, text] as const] : [];
    }),
  );
}

export async function departTo(
  { provider, redirectUri }: Entry,
  of: {
    readonly at: At;
    readonly traits?: JsonObject;
    readonly upstream: unknown;
    readonly isRefresh?: boolean;
    readonly active?: string;
  },
): Promise<Redirect> {
  const nonce = randomAlphanumeric(NONCE_LENGTH);
  const verifier = (await provider.usesPkce()) ? randomAlphanumeric(VERIFIER_LENGTH) : null;
  const pending: Pending = { provider: provider.config.id, nonce, verifier, traits: of.traits ?? {} };
  return {
    kind: 'redirect',
    to: (state) =>
      provider
        .authorizationUrl({
          redirectUri,
          state,
          nonce,
          ...(verifier === null ? {} : { pkceVerifier: verifier }),
          isRefresh: of.isRefresh ?? false,
          upstream: upstreamOf(of.upstream),
        })
        .catch((error: unknown) => {
          if (!(error instanceof ProviderFault)) throw error;
          throw misconfigured(error.message, error);
        }),
    patch: {
      memory: { ...of.at.memory, pending },
      ...(of.active === undefined ? {} : { active: of.active }),
    },
  };
}

/** What was remembered of the departure; undefined where the person never left from here. */
export function pendingOf(memory: JsonObject): Pending | undefined {
  const pending = memory['pending'];
  if (!isJsonObject(pending)) return undefined;
  const { provider, nonce, verifier, traits } = pending;
  if (typeof provider !== 'string' || typeof nonce !== 'string') return undefined;
  return {
    provider,
    nonce,
    verifier: typeof verifier === 'string' ? verifier : null,
    traits: isJsonObject(traits) ? traits : {},
  };
}
