// The page on which a trial sign-in ends: what the provider said, and what the mapper made of it.
import type { RouteOutcome } from '../../flow/method/callback.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';

const SECTIONS: readonly (readonly [name: string, title: string])[] = [
  ['error', 'What failed'],
  ['schema_validation_errors', 'Traits that do not match the schema'],
  ['jsonnet_output', 'What the mapper put out'],
  ['jsonnet_input', 'What the mapper was given'],
  ['id_token_claims', 'Claims of the id_token'],
  ['userinfo', 'Claims of the userinfo endpoint'],
];

/** Everything on it comes from outside and is escaped. Nothing on it runs. */
export function reportPage(shown: JsonObject): RouteOutcome {
  const report = isJsonObject(shown['debug_payload']) ? shown['debug_payload'] : {};
  const parts = SECTIONS.flatMap(([name, title]) => {
    const value = report[name];
    return value === undefined || value === null
      ? []
      : [`<h2>${title}</h2><pre>${escaped(printed(value))}</pre>`];
  });
  const outcome = parts.length === 0 ? '<p>This trial has not been run yet.</p>' : parts.join('');
  const provider = escaped(String(shown['provider_id'] ?? ''));
  return {
    kind: 'asset',
    contentType: 'text/html; charset=utf-8',
    headers: {
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'Referrer-Policy': 'no-referrer',
    },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Trial sign-in</title><meta name="viewport" content="width=device-width"><style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:48rem;padding:0 1rem}pre{overflow:auto;background:#8882;padding:1rem}</style><h1>Trial sign-in with ${provider}</h1>${outcome}</html>`,
  };
}

/** Some members are JSON in a text. */
function printed(value: Json): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? '');
