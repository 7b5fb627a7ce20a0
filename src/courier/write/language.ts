// Which languages does the recipient of a message read, as far as is known?
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { wishesOf } from '../../locale/chosen.ts';
import { fallbacks } from '../../locale/language.ts';

/** From the exact one to the general one: `de-at`, `de`. Empty where nothing is known. */
export function languagesOf(of: {
  readonly data: JsonObject;
  readonly requestHeaders?: JsonObject | undefined;
}): readonly string[] {
  const { identity, traits, request_url } = of.data;
  const reading = {
    addresses: [request_url],
    traits: isJsonObject(identity) ? identity['traits'] : traits,
    headers: of.requestHeaders,
  };
  return [...new Set(wishesOf(reading).flatMap(fallbacks))];
}
