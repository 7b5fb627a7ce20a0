// What operators set, and what is stored of a person.
import { type Static, Type } from 'typebox';
import type { Credential } from '../../../src/identity/identity.ts';

export const PIN = 'pin';

export const pinConfig = Type.Object(
  {
    factor: Type.Union([Type.Literal('first'), Type.Literal('second')], {
      default: 'first',
      description: 'Whether it signs in, or confirms a sign-in.',
    }),
    digits: Type.Integer({ default: 6, minimum: 4, description: 'Digits of a number.' }),
  },
  { additionalProperties: false, default: {} },
);

export type PinSettings = Static<typeof pinConfig>;
export interface PinConfig {
  readonly config: PinSettings;
}

export function storedHash(credential: Credential | undefined): string | undefined {
  const hash = credential?.config['hashed_pin'];
  return typeof hash === 'string' ? hash : undefined;
}

/** What follows from a number that somebody chose. */
export const isAcceptable = (chosen: string, { digits }: PinSettings): boolean =>
  /^\d+$/.test(chosen) && chosen.length === digits;
