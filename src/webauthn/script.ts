// The script that pages load for keys: its text, its node in forms, and its address.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Node } from '../form/node.ts';
import { newUuid } from '../lib/ids.ts';

export const SCRIPT_PATH = '/.well-known/ory/webauthn.js';

export const SCRIPT_TEXT = readFileSync(new URL('./assets/webauthn.js', import.meta.url), 'utf8');

const INTEGRITY = `sha512-${createHash('sha512').update(SCRIPT_TEXT).digest('base64')}`;

/** The node that loads the script. Its group is the same for every method, so that a form holds it once. */
export function scriptNode(publicUrl: string): Node {
  return {
    type: 'script',
    group: 'webauthn',
    attributes: {
      src: new URL(SCRIPT_PATH.slice(1), publicUrl).href,
      async: true,
      referrerpolicy: 'no-referrer',
      crossorigin: 'anonymous',
      integrity: INTEGRITY,
      type: 'text/javascript',
      id: 'webauthn_script',
      nonce: newUuid(),
      node_type: 'script',
    },
    messages: [],
    meta: {},
  };
}
