// What methods keep in a flow between a form and what is submitted with it: sealed, each under its own name.
import type { Sealer } from '../../lib/cipher.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import type { Flow } from '../flow.ts';

/** Challenges and new secrets stand in it: whoever reads the table must not. */
export interface MemoryDeps {
  readonly memorySealer: Sealer;
}

/** What a method kept; empty where it kept nothing, or where it was sealed with a secret that is gone. */
export function memoryOf(
  { memorySealer }: MemoryDeps,
  flow: Pick<Flow, 'memory'>,
  method: string,
): JsonObject {
  const sealed = flow.memory && Object.hasOwn(flow.memory, method) ? flow.memory[method] : undefined;
  const opened = sealed === undefined ? undefined : memorySealer.open(sealed);
  const kept: Json = opened === undefined ? null : JSON.parse(opened);
  // The name is sealed with it, so that one method's memory is never read as another's.
  return Array.isArray(kept) && kept[0] === method && isJsonObject(kept[1]) ? kept[1] : {};
}

/** The flow with what these methods keep from now on; an empty memory is none. What others keep stays. */
export function withMemories(
  { memorySealer }: MemoryDeps,
  flow: Flow,
  memories: Readonly<Record<string, JsonObject | undefined>>,
): Flow {
  const changed = Object.entries(memories).filter(([, memory]) => memory !== undefined);
  if (changed.length === 0) return flow;
  const { memory: before, ...rest } = flow;
  const kept = Object.entries(before ?? {}).filter(([method]) => memories[method] === undefined);
  const added = changed.flatMap(([method, memory]) =>
    Object.keys(memory ?? {}).length === 0
      ? []
      : [[method, memorySealer.seal(JSON.stringify([method, memory]))] as const],
  );
  const memory = Object.fromEntries([...kept, ...added]);
  return Object.keys(memory).length === 0 ? rest : { ...rest, memory };
}
