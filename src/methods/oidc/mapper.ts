// Claims -> traits, metadata and verified addresses: by the operator's Jsonnet, or by a function of the embedding program.
import type { ClaimsMapper, MappedIdentity, MapperInput } from '../../flow/method/claims-mapper.ts';
import type { ProvenAddress } from '../../flow/method/outcome.ts';
import type { Clock } from '../../lib/clock.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import type { Jsonnet } from '../../lib/jsonnet/jsonnet.ts';
import { createRefreshed, type Refreshed } from '../../lib/refreshed.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { readSource, SOURCE_LIMIT_BYTES } from '../../outbound/source.ts';
import { fold, normaliseIdentifier } from '../../schema/normalise.ts';
import type { ProviderConfig } from './config.ts';
import { mapperFault, retryFault, settingsFault } from './fault.ts';

/** What the claims become. */
export interface Mapped {
  readonly traits: JsonObject;
  readonly metadataPublic?: JsonObject;
  readonly metadataAdmin?: JsonObject;
  readonly verified: readonly ProvenAddress[];
  /** As the mapper put it out, for a trial sign-in. */
  readonly output: Json;
}

export interface Mapper {
  /** Throws a ProviderFault where the mapper fails or puts out what is no identity. */
  map(input: MapperInput): Promise<Mapped>;
}

export interface MapperDeps {
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly jsonnet: Pick<Jsonnet, 'evaluate'>;
  /** Functions by provider id, from the program that embeds the server. */
  readonly claimsMappers: Readonly<Record<string, ClaimsMapper>>;
}

const SNIPPET_MAX_AGE_MS = 60 * 60_000;
const REST_MS = 5_000;
const REQUEST = { redirects: 3, timeoutMs: 5_000, maxBytes: SOURCE_LIMIT_BYTES };

export function createMapper(config: ProviderConfig, deps: MapperDeps): Mapper {
  const own = Object.hasOwn(deps.claimsMappers, config.id) ? deps.claimsMappers[config.id] : undefined;
  const snippet = snippetOf(config, deps);

  async function run(input: MapperInput): Promise<Json> {
    if (own) {
      const mapped: MappedIdentity = await own(input);
      return { identity: mapped };
    }
    const text = await snippet.get();
    const variables = { claims: input.claims, identity: input.identity };
    const result = await deps.jsonnet.evaluate(text, { variables });
    if (!result.ok) throw mapperFault(`The mapper of "${config.id}" failed: ${result.message}`);
    return result.value;
  }

  return {
    map: async (input) => read(await run(input), config.id),
  };
}

function snippetOf(
  { id, mapper_url: url = '' }: ProviderConfig,
  { outbound, clock }: MapperDeps,
): Refreshed<string> {
  return createRefreshed({
    clock,
    maxAgeMs: SNIPPET_MAX_AGE_MS,
    restMs: REST_MS,
    load: () =>
      readSource(url, (address) => outbound.request(address, REQUEST)).catch((error: unknown) => {
        throw mapperFault(`The mapper of "${id}" cannot be read.`, error);
      }),
  });
}

function read(output: Json, id: string): Mapped {
  const identity = isJsonObject(output) ? output['identity'] : undefined;
  if (!isJsonObject(identity) || !isJsonObject(identity['traits'])) {
    throw mapperFault(`The mapper of "${id}" puts out no identity.traits.`);
  }
  const { traits, metadata_public: shown, metadata_admin: hidden, verified_addresses: verified } = identity;
  for (const [name, value] of Object.entries({ metadata_public: shown, metadata_admin: hidden })) {
    if (value === undefined || value === null || isJsonObject(value)) continue;
    throw settingsFault(`The mapper of "${id}" puts out ${name} that is no object.`);
  }
  return {
    traits,
    ...(isJsonObject(shown) ? { metadataPublic: shown } : {}),
    ...(isJsonObject(hidden) ? { metadataAdmin: hidden } : {}),
    verified: verifiedOf(verified),
    output,
  };
}

function verifiedOf(value: Json | undefined): readonly ProvenAddress[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    throw retryFault(
      'jsonnet_run',
      'The mapper of this provider puts out verified addresses that are no list.',
    );
  }
  return value.filter(isJsonObject).flatMap(({ via, value: address }): readonly ProvenAddress[] => {
    if (typeof address !== 'string') return [];
    if (via === 'email') return [{ via, value: fold(address) }];
    return via === 'sms' ? [{ via, value: normaliseIdentifier(address) }] : [];
  });
}

/** What the person typed wins over what the provider says (docs/protocol/methods.md 8.4). */
export function mergeTraits(mapped: JsonObject, typed: JsonObject): JsonObject {
  const merged: Record<string, Json> = {};
  for (const name of new Set([...Object.keys(mapped), ...Object.keys(typed)])) {
    const [base, own] = [mapped[name], typed[name]];
    const value = isJsonObject(base) && isJsonObject(own) ? mergeTraits(base, own) : (own ?? base);
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}
