// `bia serve`: starts the server, says where to go, and stops it gracefully.
import { mailboxUrl } from '../../config/dev-mailbox.ts';
import { faultToText } from '../../config/fault.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { CommandContext, Handler, Invocation, Io, RunningServer } from '../line/command.ts';
import { asTyped } from '../line/program-name.ts';
import { DATA_DIR } from './config-files.ts';
import { databaseName } from './database-name.ts';
import type { DemoProvider } from './demo-provider.ts';
import { explained, whenStopped } from './running.ts';
import { waitForDatabase } from './wait-for-database.ts';

const FLAGS = ['dev', 'watch-courier', 'sqa-opt-out'] as const;

export const serveCommand: Handler = async (invocation, context) => {
  const { io } = context;
  const files = invocation.all('config').flatMap((file) => file.split(','));
  // Before the ports are open, so that a signal during the start is not lost.
  const stop = whenStopped(io);
  const demo = invocation.isOn('with-demo-provider')
    ? await (await import('./demo-provider.ts')).startDemoProvider()
    : undefined;
  const server = await start(invocation, files, { ...context, demo }).catch((error: unknown) => {
    demo?.stop();
    throw error;
  });
  demo?.open(server.publicUrl);
  // That of `dev` is said by the mode below.
  const warnings = server.bia.warnings.filter(({ key }) => key !== 'dev');
  for (const warning of warnings) io.err(`warning: ${faultToText(warning)}\n`);
  const { config, database } = server.bia;
  const waiting = {
    database,
    name: databaseName(config.dsn),
    source: sourceOf(files, io),
    isJson: config.log.format === 'json',
    stop,
  };
  try {
    if (await waitForDatabase(waiting, { ...io, err: (text) => io.err(asTyped(text, io.program)) })) {
      const text = startText(server, { hasFiles: files.length > 0, hasDsn: Boolean(io.env['DSN']) });
      io.out(asTyped(text, io.program));
      if (demo) io.out(`Demo provider: ${demo.url}. Any name and any password sign in there.\n`);
      await stop;
    }
  } finally {
    await server.stop();
    demo?.stop();
  }
  return 0;
};

/** How another command names the same database. */
export const sourceOf = (files: readonly string[], io: Io): string =>
  io.env['DSN'] || files.length === 0 ? '-e' : files.map((file) => `-c ${file}`).join(' ');

async function start(
  invocation: Invocation,
  files: readonly string[],
  { io, deps, demo }: CommandContext & { readonly demo: DemoProvider | undefined },
): Promise<RunningServer> {
  // Only what was given: `dev: false` of a flag that nobody wrote must not overrule a file.
  const flags: JsonObject = Object.fromEntries(
    FLAGS.filter((name) => invocation.text(name) !== undefined).map((name) => [name, invocation.isOn(name)]),
  );
  try {
    return await deps.serve({ files, env: io.env, flags: { ...demo?.flags, ...flags } });
  } catch (error) {
    throw explained(error);
  }
}

/** What a person sees after the start; one line of JSON where the log is JSON. */
export function startText(
  { publicUrl, adminUrl, listensOn, bia }: Omit<RunningServer, 'stop'>,
  of: { readonly hasFiles: boolean; readonly hasDsn: boolean },
): string {
  const { config } = bia;
  const database = databaseName(config.dsn);
  const mailbox = mailboxUrl(config, publicUrl);
  const mode = config.dev ? 'development' : 'production';
  if (config.log.format === 'json') {
    const line = {
      level: 'info',
      msg: 'the server is running',
      public_url: publicUrl,
      listens_on: listensOn,
      admin_url: adminUrl,
      database,
      mode,
      trusted_proxies: [...bia.trustedProxies],
      ...(mailbox === undefined ? {} : { mailbox_url: mailbox }),
    };
    return `${JSON.stringify(line)}\n`;
  }
  const pages = `${publicUrl.replace(/\/$/, '')}/ui`;
  const isAlone = !of.hasFiles && !of.hasDsn;
  return [
    'Bia is running.',
    '',
    ...(isAlone ? [`  No configuration file: using ./${DATA_DIR} (development mode).`, ''] : []),
    `  Public    ${publicUrl}${isSamePlace(publicUrl, listensOn) ? '' : ` (listens on ${listensOn})`}`,
    `  Admin     ${adminUrl}`,
    `  Database  ${database}`,
    `  Mode      ${mode}${config.dev ? ': cookies are not secure by default, do not use it for real people' : ''}`,
    `  Proxies   ${proxiesText(bia.trustedProxies)}`,
    ...(mailbox === undefined
      ? []
      : [`  Mailbox   ${mailbox}: codes and links appear there, nothing is sent`]),
    ...(of.hasFiles ? [] : nextSteps(pages, adminUrl)),
    '',
    'Stop it with Ctrl+C.',
    '',
  ].join('\n');
}

/** Who may say where a request comes from: whoever else could do so would choose under which address they are counted. */
const proxiesText = (networks: readonly string[]): string =>
  networks.length === 0
    ? 'none: X-Forwarded-For and the like are not believed'
    : `X-Forwarded-For and the like are believed from ${networks.join(', ')}`;

/** What commands call where nothing else is said. */
const DEFAULT_ADMIN = 'http://127.0.0.1:4434/';

const nextSteps = (pages: string, adminUrl: string): readonly string[] => [
  '',
  `  Your account:         ${pages}/registration (create it), then ${pages}/settings`,
  `  Who has an account:   bia identities list${adminUrl === DEFAULT_ADMIN ? '' : ` -e ${adminUrl}`}`,
  '  Your own settings:    bia serve -c bia.yml; what there is to set: bia config show',
];

/** Addresses of the same scheme, host and port. */
function isSamePlace(a: string, b: string): boolean {
  const [one, other] = [URL.parse(a), URL.parse(b)];
  return one !== null && other !== null && one.origin === other.origin;
}
