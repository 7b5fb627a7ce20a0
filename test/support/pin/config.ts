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
    house: Type.String({ default: 'http://house.example/', description: 'Where the other place is.' }),
  },
  { additionalProperties: false, default: {} },
);

export type PinSettings = Static<typeof pinConfig>;
export interface PinConfig {
  readonly config: PinSettings;
}

/** Stored sealed: it is a word of comfort that the person chose, shown when they sign in. */
export const SEALED = ['hint'];

export function storedHash(credential: Pick<Credential, 'config'> | undefined): string | undefined {
  const hash = credential?.config['hashed_pin'];
  return typeof hash === 'string' ? hash : undefined;
}

/** Subjects at the other place that sign this person in. */
export function storedKeys(credential: Pick<Credential, 'config'> | undefined): readonly string[] {
  const keys = credential?.config['keys'];
  return Array.isArray(keys) ? keys.map(String) : [];
}

/** What follows from a number that somebody chose. */
export const isAcceptable = (chosen: string, { digits }: PinSettings): boolean =>
  /^\d+$/.test(chosen) && chosen.length === digits;
