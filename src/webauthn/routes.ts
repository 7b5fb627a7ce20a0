// What pages fetch for keys: the script, and the origins that may use them.
import type { RelyingParty } from './party.ts';
import { RELATED_ORIGINS_PATH, relatedOrigins } from './related-origins.ts';
import { SCRIPT_PATH, SCRIPT_TEXT } from './script.ts';

interface Asset {
  readonly kind: 'asset';
  readonly contentType: string;
  readonly body: string;
}

/** In the shape that methods declare routes in. */
export interface KeyRoute {
  readonly port: 'public';
  readonly verb: 'GET';
  readonly path: string;
  readonly bucket: 'high';
  readonly handle: () => Promise<Asset>;
}

export function keyRoutes(party: RelyingParty): readonly KeyRoute[] {
  const route = (path: string, contentType: string, body: string): KeyRoute => ({
    port: 'public',
    verb: 'GET',
    path,
    bucket: 'high',
    handle: async () => ({ kind: 'asset', contentType, body }),
  });
  return [
    route(SCRIPT_PATH, 'text/javascript; charset=UTF-8', SCRIPT_TEXT),
    route(RELATED_ORIGINS_PATH, 'application/json', relatedOrigins([party])),
  ];
}
