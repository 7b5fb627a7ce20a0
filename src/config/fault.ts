// What is wrong with a configuration: the key, the reason, and the file or variable that it came from.
import type { ConfigPlace } from './file.ts';

/** Something that is wrong at a path of the document. */
export interface Finding {
  readonly path: readonly string[];
  readonly reason: string;
}

export interface ConfigFault {
  /** Dotted path of the key; empty for a file as a whole. */
  readonly key: string;
  readonly reason: string;
  readonly place?: ConfigPlace;
  /** Name of the environment variable that the value came from. */
  readonly variable?: string;
}

/** Everything that is wrong with a configuration, all at once. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(faultToText).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** `bia.yml:3:5: serve.public.port: must be integer`, or `the variable SERVE_PUBLIC_PORT: ...`. */
export function faultToText({ key, reason, place, variable }: ConfigFault): string {
  const from = variable === undefined ? '' : `the variable ${variable}: `;
  const where = place ? `${place.file}:${place.line}:${place.column}: ` : from;
  return `${where}${key === '' ? '' : `${key}: `}${reason}`;
}

/** True where the path is the other one, or below it. */
export function isWithin(path: readonly string[], other: readonly string[]): boolean {
  return other.every((key, index) => path[index] === key);
}
