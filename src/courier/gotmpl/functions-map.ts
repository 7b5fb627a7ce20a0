// Sprig's functions for maps, kinds and JSON. A map is copied before it is changed.
import type { Json } from '../../lib/json.ts';
import { atLeast, mapArg, printed, textArg } from './arguments.ts';
import type { FunctionTable } from './run.ts';
import { fromJson, isMap, kindOf, sortedEntries, toJson, type Value, type ValueMap } from './value.ts';

function dict(args: readonly Value[]): ValueMap {
  const map = new Map<string, Value>();
  for (let at = 0; at < args.length; at += 2)
    map.set(printed(args[at]), args[at + 1] ?? (at + 1 < args.length ? undefined : ''));
  return map;
}

/** Of two maps the first wins, as in Sprig's `merge`; what is a map in both is merged too. */
function merged(first: ValueMap, second: ValueMap): ValueMap {
  const map = new Map(first);
  for (const [key, value] of second) {
    const own = map.get(key);
    if (own === undefined) map.set(key, value);
    else if (isMap(own) && isMap(value)) map.set(key, merged(own, value));
  }
  return map;
}

function dig(args: readonly Value[]): Value {
  atLeast(args, 3);
  const [map, fallback, ...keys] = [args.at(-1), args.at(-2), ...args.slice(0, -2)];
  return (
    keys.reduce<Value>((inner, key) => (isMap(inner) ? inner.get(printed(key)) : undefined), map) ?? fallback
  );
}

function parseJson(text: string): Value {
  try {
    const parsed: Json = JSON.parse(text);
    return fromJson(parsed);
  } catch {
    return undefined;
  }
}

/** Go writes these characters so that the text can stand in HTML. */
const goJson = (value: Value, space?: number): string =>
  JSON.stringify(toJson(value), null, space).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const mapsOf = (args: readonly Value[]): readonly ValueMap[] => args.map((_, index) => mapArg(args, index));

export const MAP_FUNCTIONS: FunctionTable = {
  dict,
  get: (args) => mapArg(args, 0).get(textArg(args, 1)) ?? '',
  hasKey: (args) => mapArg(args, 0).has(textArg(args, 1)),
  set: (args) => {
    atLeast(args, 3);
    return new Map([...mapArg(args, 0), [textArg(args, 1), args[2]]]);
  },
  unset: (args) => {
    const name = textArg(args, 1);
    return new Map([...mapArg(args, 0)].filter(([key]) => key !== name));
  },
  keys: (args) => mapsOf(args).flatMap((map) => sortedEntries(map).map(([key]) => key)),
  values: (args) => sortedEntries(mapArg(args, 0)).map(([, value]) => value),
  pick: (args) => {
    const names = new Set(args.slice(1).map(printed));
    return new Map([...mapArg(args, 0)].filter(([key]) => names.has(key)));
  },
  omit: (args) => {
    const names = new Set(args.slice(1).map(printed));
    return new Map([...mapArg(args, 0)].filter(([key]) => !names.has(key)));
  },
  merge: (args, work) => mergeAll(mapsOf(args), work.spend),
  mergeOverwrite: (args, work) => mergeAll(mapsOf(args).toReversed(), work.spend),
  pluck: (args) => {
    const name = textArg(args, 0);
    return mapsOf(args.slice(1)).flatMap((map) => (map.has(name) ? [map.get(name)] : []));
  },
  dig,
  deepCopy: (args) => args[0],
  toJson: (args) => goJson(args[0]),
  toRawJson: (args) => JSON.stringify(toJson(args[0])),
  toPrettyJson: (args) => goJson(args[0], 2),
  fromJson: (args) => parseJson(textArg(args, 0)),
  kindOf: (args) => kindOf(args[0]),
  typeOf: (args) => kindOf(args[0]),
  kindIs: (args) => kindOf(args[1]) === textArg(args, 0),
  typeIs: (args) => kindOf(args[1]) === textArg(args, 0),
};

function mergeAll(maps: readonly ValueMap[], spend: (amount: number) => void): ValueMap {
  spend(maps.reduce((sum, { size }) => sum + size, 0));
  return maps.reduce(merged, new Map());
}
