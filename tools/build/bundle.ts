// `npm run build`: the sources as a few files of JavaScript, which start faster and rest smaller than 800 of TypeScript.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SRC = path.join(ROOT, 'src');

/** Where each thread is looked for: beside the file that starts it, and they are all in one folder. */
const ENTRIES = {
  main: 'main.ts',
  worker: 'lib/jsonnet/worker.ts',
  'crypt-worker': 'hash/imported/crypt-worker.ts',
} as const;

/** Files that are read when they are wanted, relative to the module that reads them. */
const ASSETS = [
  ['pages/frame/assets', 'assets'],
  ['webauthn/assets', 'assets'],
  ['courier/write/builtin', 'builtin'],
  ['locale/translations', 'translations'],
] as const;

/**
 * Read at every start, so they go into the bundle. What is loaded only when somebody needs it stays a package, and so does
 * what has parts that are no JavaScript.
 */
const BUNDLED = ['ajv', 'fast-uri', 'fast-deep-equal', 'hono', 'json-schema-traverse', 'kysely'];

/** Makes `outDir` anew. Returns how many bytes of JavaScript there are. */
export async function bundle(outDir: string): Promise<number> {
  rmSync(outDir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: Object.fromEntries(
      Object.entries(ENTRIES).map(([name, file]) => [name, path.join(SRC, file)]),
    ),
    outdir: outDir,
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: await otherPackages(),
    // What a stack trace names; the names of classes are part of some messages.
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: true,
    legalComments: 'eof',
    // Packages that were written for `require` ask it for modules of Node.
    banner: {
      js: "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
  });
  for (const [from, to] of ASSETS) {
    cpSync(path.join(SRC, from), path.join(outDir, to), { recursive: true });
  }
  // Wherever the folder is put, its files are modules.
  writeFileSync(path.join(outDir, 'package.json'), '{ "type": "module" }\n');
  return Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** All that the package depends on but what is bundled, with their inner paths. */
async function otherPackages(): Promise<string[]> {
  const text = readFileSync(path.join(ROOT, 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(text) as { readonly dependencies: Readonly<Record<string, string>> }; // it has some
  return Object.keys(dependencies)
    .filter((name) => !BUNDLED.includes(name))
    .flatMap((name) => [name, `${name}/*`]);
}

if (import.meta.main) {
  const outDir = path.join(ROOT, 'dist');
  const bytes = await bundle(outDir);
  process.stdout.write(`dist: ${Math.round(bytes / 1024)} KiB of JavaScript\n`);
}
