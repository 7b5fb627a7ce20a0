// The source files with their imports, read by regular expression: quick, and good enough for code that a formatter wrote.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export const ROOT = normalize(join(import.meta.dirname, '../..'));

export interface Import {
  /** Path below src for files of ours; otherwise the name of a package as it was written. */
  readonly target: string;
  readonly isOurs: boolean;
  /** True where nothing of it is left when the program runs. */
  readonly isTypeOnly: boolean;
}

export interface SourceFile {
  /** Path below src, with forward slashes. */
  readonly path: string;
  /** First segment of the path; the file's own name for files that stand in src itself. */
  readonly folder: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** All TypeScript of src except tests. */
export function readSourceTree(): readonly SourceFile[] {
  return globSync('**/*.ts', { cwd: join(ROOT, 'src') })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, 'src', path), 'utf8');
      const code = withoutComments(text);
      return { path, folder: path.split('/')[0] ?? path, text, code, imports: importsOf(path, code) };
    });
}

/** Line comments end with the line; two slashes inside a text, as in an address, follow no space. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

const STATEMENT = /^(?:import|export)\s+(?:(type\s+)?([^;'"]*?)\s*from\s+)?'([^']+)'/gm;
const IN_EXPRESSION = /\bimport\(\s*'([^']+)'/g;

function importsOf(path: string, code: string): readonly Import[] {
  const found = [
    ...[...code.matchAll(STATEMENT)].map(([, keyword, names = '', target = '']) => ({
      target,
      isTypeOnly: keyword !== undefined || areAllTypes(names),
    })),
    ...[...code.matchAll(IN_EXPRESSION)].map(([, target = '']) => ({ target, isTypeOnly: false })),
  ];
  return found.map(({ target, isTypeOnly }) =>
    target.startsWith('.')
      ? { target: normalize(join(dirname(path), target)), isOurs: true, isTypeOnly }
      : { target, isOurs: false, isTypeOnly },
  );
}

function areAllTypes(names: string): boolean {
  const [, inner] = /^\{([\s\S]*)\}$/.exec(names.trim()) ?? [];
  if (inner === undefined) return false;
  return inner
    .split(',')
    .filter((name) => name.trim() !== '')
    .every((name) => name.trim().startsWith('type '));
}
