// The relying party: who asks for keys, and from which pages answers are taken.
import type { Static } from 'typebox';
import { Type } from '../schema/typebox.ts';

/** The settings of `config.rp`, shared by every method that works with keys. */
export const partyConfig = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      description: 'Domain that keys are bound to. It cannot change later without losing every key.',
    }),
    display_name: Type.String({ description: 'Name of the service, shown by the browser.' }),
    origins: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description:
          'Origins of the pages that may use keys, with scheme and port. Default: the scheme of the public address and `id`.',
      }),
    ),
    origin: Type.Optional(Type.String({ description: 'A single origin. Use `origins` instead.' })),
    icon: Type.Optional(Type.String({ description: 'Ignored: browsers no longer show it.' })),
  },
  { additionalProperties: false },
);

export type PartyConfig = Static<typeof partyConfig>;

export interface RelyingParty {
  readonly id: string;
  readonly name: string;
  readonly origins: readonly string[];
}

/** The relying party of a configuration. Origins are compared whole, so they are written the way browsers write them. */
export function relyingParty(config: PartyConfig, publicUrl: string): RelyingParty {
  const fallback = `${new URL(publicUrl).protocol}//${config.id}`;
  const given = config.origins ?? (config.origin === undefined ? [fallback] : [config.origin]);
  return { id: config.id, name: config.display_name, origins: [...new Set(given.map(asOrigin))] };
}

/** `https://Example.org/` -> `https://example.org`. What is no web address, as the origin of an Android app, stays. */
function asOrigin(given: string): string {
  if (!/^https?:/i.test(given) || !URL.canParse(given)) return given;
  return new URL(given).origin;
}
