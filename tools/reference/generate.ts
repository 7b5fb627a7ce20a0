// Writes docs/reference from the source: `npm run docs`. The catalogue test compares what is there with what this makes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLoader } from '../../src/app/parts.ts';
import { cliPage } from './cli-page.ts';
import { configPage } from './config-page.ts';
import { errorsPage } from './errors-page.ts';
import { messagesPage } from './messages-page.ts';
import { type MountedRoute, mountedRoutes } from './mounted.ts';
import { openApiDocument } from './openapi.ts';
import { routesPage } from './routes-page.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docs/reference');

/** Name of each file in docs/reference, and what belongs in it. */
export function referencePages(routes: readonly MountedRoute[]): Readonly<Record<string, string>> {
  return {
    'config.md': configPage(createLoader().schema),
    'errors.md': errorsPage(),
    'messages.md': messagesPage(),
    'cli.md': cliPage(),
    'routes.md': routesPage(routes),
    'openapi.json': `${JSON.stringify(openApiDocument(routes, version()), null, 2)}\n`,
  };
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly version: string;
  }; // our own package.json has one
  return text;
}

if (import.meta.main) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(referencePages(await mountedRoutes()))) {
    writeFileSync(join(FOLDER, name), text);
  }
}
