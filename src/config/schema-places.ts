// What is wrong with identity schemas: each fault with the line of the schema's file, or the key that names the schema.
import { readFileSync } from 'node:fs';
import { faultInWords, type SchemaFault } from '../schema/faults.ts';
import type { SchemaFailure } from '../schema/load.ts';
import type { ConfigFault, Finding } from './fault.ts';
import { type ConfigPlace, readConfigFile } from './file.ts';
import type { Config } from './schema.ts';

/** `toFault` places what has no file of its own: a schema that is fetched, or stands in the configuration. */
export function placedSchemaFaults(
  { identity }: Pick<Config, 'identity'>,
  failures: readonly SchemaFailure[],
  toFault: (finding: Finding) => ConfigFault,
): readonly ConfigFault[] {
  return failures.flatMap(({ id, reason, faults }) => {
    const index = identity.schemas.findIndex((schema) => schema.id === id);
    const path = ['identity', 'schemas', String(index), 'url'];
    const [, file] = /^file:\/\/(.+)$/.exec(identity.schemas[index]?.url ?? '') ?? [];
    if (faults.length === 0) return [toFault({ path, reason })];
    const place = file === undefined ? undefined : placer(file);
    return faults.map((fault) => {
      const found = place?.(fault);
      const words = `the identity schema "${id}": ${faultInWords(fault)}`;
      return found ? { key: '', reason: words, place: found } : toFault({ path, reason: words });
    });
  });
}

function placer(file: string): (fault: SchemaFault) => ConfigPlace | undefined {
  return ({ path, offset }) => {
    try {
      if (offset !== undefined) return placeOf(file, offset);
      return readConfigFile(file).place(path) ?? { file, line: 1, column: 1 };
    } catch {
      // It was read a moment ago; where it cannot be read any more it has no lines.
      return undefined;
    }
  };
}

function placeOf(file: string, offset: number): ConfigPlace {
  const lines = readFileSync(file, 'utf8').slice(0, offset).split('\n');
  return { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
