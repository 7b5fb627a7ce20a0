// The stylesheet and the script: read once, under paths that hold a digest of their content.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { accentStyle, type Look } from './look.ts';
import type { PageRoute } from './route.ts';

export interface Assets {
  /** Paths below the public address. */
  readonly stylePath: string;
  readonly scriptPath: string;
  readonly routes: readonly PageRoute[];
}

export function createAssets(look: Look): Assets {
  // One file, so that a page waits for one request only.
  const style = asset('style', 'css', accentStyle(look) + read('style.css') + ownStylesheet(look));
  // Each part minds its own business, so they need no names of each other.
  const parts = ['page.js', 'keys.js', 'codes.js'].map((name) => `{\n${read(name)}}\n`);
  const script = asset('page', 'js', parts.join(''));
  return { stylePath: style.path, scriptPath: script.path, routes: [style, script].map(toRoute) };
}

const ownStylesheet = ({ stylesheetPath }: Look): string =>
  stylesheetPath === undefined ? '' : `\n${readFileSync(stylesheetPath, 'utf8')}`;

export type InboxAssets = Assets;

/** Those of the mailbox, which no other page loads. */
export function createInboxAssets(): InboxAssets {
  const style = asset('inbox', 'css', read('inbox.css'));
  const script = asset('inbox', 'js', read('inbox.js'));
  return { stylePath: style.path, scriptPath: script.path, routes: [style, script].map(toRoute) };
}

interface Asset {
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

const CONTENT_TYPES = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const;

function asset(name: string, type: keyof typeof CONTENT_TYPES, body: string): Asset {
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `ui/assets/${name}.${digest}.${type}`, contentType: CONTENT_TYPES[type], body };
}

function toRoute({ path, contentType, body }: Asset): PageRoute {
  return { method: 'GET', path: `/${path}`, handle: async () => ({ kind: 'asset', contentType, body }) };
}

function read(name: string): string {
  return readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');
}
