// What an attack is: something done to a server of its own, with figures and a verdict.
import type { JsonObject } from '../../src/lib/json.ts';
import type { Target } from './target.ts';

export interface Figure {
  readonly what: string;
  readonly value: string;
  /** False where the server did not stand. */
  readonly isFine: boolean;
}

export interface Attack {
  /** As a sentence about the server, such as "no body holds the event loop". */
  readonly claim: string;
  /** Laid over the configuration that all attacks share. */
  readonly config?: JsonObject;
  /** How many figures, and which, is up to the attack; at least one. */
  readonly run: (target: Target, options: AttackOptions) => Promise<readonly Figure[]>;
}

export interface AttackOptions {
  /** Time for attacks that could go on for ever. */
  readonly seconds: number;
  readonly seed: number;
  /** Told of what is going on. */
  readonly note: (line: string) => void;
}
