// Mappers in TypeScript, for programs that embed the server: claims of a provider become an identity.
import type { Json, JsonObject } from '../../lib/json.ts';

// Types, not interfaces: only types are assignable to JSON values.
export type MapperInput = {
  /** In the names of OpenID Connect; everything that the provider said stands in `raw_claims`. */
  readonly claims: JsonObject & { readonly iss: string; readonly sub: string };
  /** The person as they are, where the sign-in brings them up to date; empty at a sign-up. */
  readonly identity: {
    readonly traits: JsonObject;
    readonly metadata_public: Json;
    readonly metadata_admin: Json;
  };
};

export type MappedIdentity = {
  readonly traits: JsonObject;
  readonly metadata_public?: JsonObject;
  readonly metadata_admin?: JsonObject;
  /** Addresses for which the provider vouches. Leave out those that it has not verified itself. */
  readonly verified_addresses?: readonly { readonly via: 'email' | 'sms'; readonly value: string }[];
};

export type ClaimsMapper = (input: MapperInput) => MappedIdentity | Promise<MappedIdentity>;
