// `bia init`: a configuration to start from and an identity schema beside it, and what to do next.
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { personSchema } from '../../config/default.ts';
import { parseDsn } from '../../config/dsn.ts';
import { freshSecrets } from '../../config/fresh-secrets.ts';
import { sampleConfig } from '../../config/sample.ts';
import { asBase } from '../../lib/url.ts';
import { CommandError, type Handler, type Invocation, UsageError } from '../line/command.ts';
import { asTyped } from '../line/program-name.ts';

const DEFAULT_FILE = 'bia.yml';
const SCHEMA_FILE = 'person.schema.json';

export const writeSample: Handler = async (invocation, { io }) => {
  const [file = DEFAULT_FILE] = invocation.positionals;
  if (!/\.ya?ml$/.test(file)) {
    throw new UsageError(`"${file}" is not a YAML file`, 'its name ends in .yml or .yaml');
  }
  const dsn = invocation.text('dsn') ?? '';
  const kind = kindOf(dsn);
  const publicUrl = publicUrlOf(invocation);
  const schemaFile = path.join(path.dirname(file), SCHEMA_FILE);
  const text = sampleConfig({
    dsn,
    publicUrl,
    name: invocation.text('name') ?? '',
    schemaUrl: addressOf(schemaFile),
    secrets: freshSecrets(),
  });
  writeNew(schemaFile, `${JSON.stringify(personSchema, null, 2)}\n`, 0o644);
  try {
    writeNew(file, text, 0o600);
  } catch (error) {
    // Made a moment ago, by us: nothing of anybody's is lost.
    rmSync(schemaFile);
    throw error;
  }
  io.out(asTyped(nextSteps({ file, schemaFile, kind, publicUrl }), io.program));
  return 0;
};

function kindOf(dsn: string): 'sqlite' | 'postgres' {
  try {
    return parseDsn(dsn).kind;
  } catch (error) {
    throw new UsageError(`--dsn: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function publicUrlOf(invocation: Invocation): URL {
  const text = invocation.text('public-url') ?? '';
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username) {
    return new URL(asBase(url.href));
  }
  throw new UsageError(
    `--public-url: "${text}" is not the address of a server`,
    'write: --public-url https://accounts.example.org/',
  );
}

/** Relative where it can be, so that the folder can move; an address counts from where the server starts. */
function addressOf(file: string): string {
  const relative = path.relative(process.cwd(), file);
  const isInside = !relative.startsWith('..') && !path.isAbsolute(relative);
  return isInside ? `file://./${relative.split(path.sep).join('/')}` : pathToFileURL(file).href;
}

function writeNew(file: string, text: string, mode: number): void {
  try {
    // `wx` decides and writes in one step: a file that somebody else makes meanwhile stays theirs.
    writeFileSync(file, text, { flag: 'wx', mode });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST')
      throw new CommandError(`${file} exists already`, 'move it away, or write to another folder');
    throw new CommandError(`${file} cannot be written (${String(code ?? error)})`);
  }
}

function nextSteps(of: {
  readonly file: string;
  readonly schemaFile: string;
  readonly kind: 'sqlite' | 'postgres';
  readonly publicUrl: URL;
}): string {
  const { file, kind, publicUrl } = of;
  const isLocal = publicUrl.protocol === 'http:';
  return [
    `Wrote ${file} and ${of.schemaFile}. ${file} holds secrets: keep it out of version control.`,
    '',
    `  Check it:         bia config lint ${file}`,
    ...(kind === 'postgres' ? [`  Make the tables:  bia migrate sql up -c ${file}`] : []),
    ...(isLocal
      ? [
          `  Try it here:      bia serve -c ${file} --dev`,
          `                    then open ${new URL('ui/registration', publicUrl).href}; mail appears at ${new URL('dev/inbox', publicUrl).href}`,
          `  For real people:  set serve.public.base_url to its https:// address and courier.smtp, then`,
        ]
      : [`  Serve:            set courier.smtp, put a proxy with TLS in front of port 4433, then`]),
    `                    bia serve -c ${file} --watch-courier`,
    `                    bia doctor -c ${file}`,
    '',
  ].join('\n');
}
