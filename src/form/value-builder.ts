// A JSON object that is put together path by path. What was sent is never written to: objects are copied once, when one changes.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';

type Open = Record<string, Json | undefined>;

export class ValueBuilder {
  readonly #root: Open = {};
  /** Objects that were made here, and so may be written to. */
  readonly #own = new WeakSet<object>([this.#root]);

  get value(): JsonObject {
    return this.#root;
  }

  get(segments: readonly string[]): Json | undefined {
    let at: Json | undefined = this.#root;
    for (const segment of segments) {
      if (!isJsonObject(at) || !Object.hasOwn(at, segment)) return undefined;
      at = at[segment];
    }
    return at;
  }

  /** Nothing happens where something that is no object stands in the way. */
  set(segments: readonly string[], value: Json): void {
    const last = segments.at(-1);
    if (last === undefined) return;
    let at = this.#root;
    for (const segment of segments.slice(0, -1)) {
      const child = Object.hasOwn(at, segment) ? at[segment] : {};
      if (!isJsonObject(child)) return;
      at = this.#owned(at, segment, child);
    }
    at[last] = value;
  }

  #owned(parent: Open, key: string, child: JsonObject): Open {
    // Only objects that were made below are in the set.
    if (this.#own.has(child)) return child as Open;
    const copy: Open = { ...child };
    this.#own.add(copy);
    parent[key] = copy;
    return copy;
  }
}
