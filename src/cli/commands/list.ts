// Every command with its flags: help, the parser and docs/reference/cli.md all come from this list. (data table)
import type { ArgumentSpec, CommandSpec, FlagSpec } from '../line/command.ts';
import * as flag from '../line/flags.ts';

const DSN: ArgumentSpec = {
  name: 'DSN',
  text: 'Address of the database: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME.',
};
const IDS: ArgumentSpec = { name: 'ID', text: 'Id of an identity.', isRequired: true, isRepeatable: true };
const FILES: ArgumentSpec = {
  name: 'FILE',
  text: 'JSON (an identity or a list), JSON Lines or YAML; reads standard input if no file is given.',
  isRepeatable: true,
};

const SNIPPETS: ArgumentSpec = { name: 'FILE', text: 'Jsonnet files.', isRequired: true, isRepeatable: true };

const SOURCES: readonly FlagSpec[] = [flag.READ_FROM_ENV, flag.CONFIG];

const HOOK_EVENT_FILTERS: readonly FlagSpec[] = [
  { name: 'status', value: 'STATUS', text: 'Only those that are queued, sending, delivered or abandoned.' },
  {
    name: 'target',
    value: 'NAME',
    text: 'Only those for this hook: its id, or its address without the query.',
  },
  { name: 'identity', value: 'ID', text: 'Only those about this identity.' },
  {
    name: 'since',
    value: 'TIME',
    text: 'Only those written at this time or later, such as 2026-01-31T12:00:00Z.',
  },
  { name: 'until', value: 'TIME', text: 'Only those written before this time.' },
];

const SECURITY_EVENT_FILTERS: readonly FlagSpec[] = [
  {
    name: 'kind',
    value: 'KIND',
    isRepeatable: true,
    text: 'Only events of this kind, such as login.refused.',
  },
  { name: 'identity', value: 'ID', text: 'Only what concerns this identity.' },
  { name: 'session', value: 'ID', text: 'Only what concerns this session.' },
  {
    name: 'since',
    value: 'TIME',
    text: 'Only from this time on: 2030-01-31T08:00:00Z, or 24h for a day ago.',
  },
  { name: 'until', value: 'TIME', text: 'Only before this time, written the same way.' },
];

export const COMMANDS: readonly CommandSpec[] = [
  {
    path: ['init'],
    summary: 'Write a configuration to start from, with comments, fresh secrets and an identity schema.',
    description: [
      'The schema is written beside it as person.schema.json. Files that exist are never overwritten.',
      'The file holds secrets: only its owner can read it, and it does not belong in version control.',
    ],
    arguments: [{ name: 'FILE', text: 'File to write, .yml or .yaml; default: bia.yml.' }],
    flags: [
      {
        name: 'dsn',
        value: 'DSN',
        default: 'sqlite://bia.sqlite',
        text: 'Database: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME.',
      },
      {
        name: 'public-url',
        value: 'URL',
        default: 'http://localhost:4433/',
        text: 'Address at which browsers reach the server.',
      },
      { name: 'name', value: 'TEXT', default: 'Bia', text: 'Name of your service, shown on the pages.' },
    ],
    examples: [
      'bia init',
      'bia init --dsn postgres://bia@localhost/bia --public-url https://accounts.example.org/ --name Example',
    ],
  },
  {
    path: ['serve'],
    aliases: [
      ['serve', 'all'],
      ['serve', 'public'],
      ['serve', 'admin'],
    ],
    summary: 'Start the server: the public port and the admin port.',
    description: [
      'Without a configuration file or the DSN variable, data is kept in ./data and the server runs in development mode.',
      'Configuration comes from files in order, then flags, then environment variables; later values win.',
      'On SIGTERM or SIGINT, requests in flight may finish within serve.shutdown_timeout; a second signal stops the process at once.',
      'Arguments such as public are accepted for compatibility with Kratos and ignored: both ports are opened.',
    ],
    flags: [
      flag.CONFIG,
      flag.DEV,
      { name: 'watch-courier', text: 'Send messages from this process.' },
      {
        name: 'with-demo-provider',
        text: 'Offer social sign-in by an OpenID provider in this process, for trying it out. It takes the place of configured ones.',
      },
      { name: 'sqa-opt-out', text: 'No effect: Bia never reports usage data.' },
    ],
    examples: [
      'bia serve',
      'bia serve -c bia.yml --watch-courier',
      'bia serve -c base.yml -c production.yml',
    ],
  },
  {
    path: ['courier', 'watch'],
    aliases: [['watch', 'courier']],
    summary: 'Send messages from a separate process that doesn’t listen on any port.',
    description: [
      'You can run any number of these, alongside servers with or without --watch-courier: each message is sent once.',
      'On SIGTERM or SIGINT, messages being sent may finish; a second signal stops the process at once.',
    ],
    flags: [
      flag.CONFIG,
      {
        name: 'expose-metrics-port',
        value: 'N',
        text: 'Answer /metrics/prometheus on this port of the admin host.',
      },
    ],
    examples: ['bia courier watch -c bia.yml', 'bia courier watch -c bia.yml --expose-metrics-port 4435'],
  },
  {
    path: ['jsonnet', 'lint'],
    aliases: [
      ['lint', 'jsonnet'],
      ['lint', 'lint'],
    ],
    summary: 'Check Jsonnet files for errors.',
    description: ['The files are parsed but not run. Exits with status 1 if any file is invalid.'],
    arguments: [SNIPPETS],
    flags: [],
    examples: ['bia jsonnet lint mail.jsonnet sms.jsonnet'],
  },
  {
    path: ['jsonnet', 'format'],
    aliases: [['format', 'jsonnet']],
    summary: 'Explain how to format Jsonnet: Bia has no formatter.',
    arguments: [SNIPPETS],
    flags: [{ name: 'write', short: 'w', text: 'No effect: no file is written.' }],
  },
  {
    path: ['migrate', 'sql', 'up'],
    aliases: [['migrate', 'sql']],
    summary: 'Apply pending database migrations.',
    description: [
      'Prints the plan and asks for confirmation; scripts must pass --yes.',
      'SQLite databases are also migrated whenever the server starts; PostgreSQL databases only by this command.',
    ],
    arguments: [DSN],
    flags: [...SOURCES, flag.YES],
    examples: [
      'bia migrate sql up sqlite://bia.sqlite',
      'DSN=postgres://bia@localhost/bia bia migrate sql up -e --yes',
      'bia migrate sql up -c bia.yml',
    ],
  },
  {
    path: ['migrate', 'sql', 'down'],
    summary: 'Explain how to roll back: migrations only go forward.',
    description: [
      'Rolling back would drop columns that hold data. Restore the backup from before the upgrade and start the older version.',
    ],
    arguments: [DSN],
    flags: [...SOURCES, flag.YES, { name: 'steps', value: 'N', text: 'How many migrations to roll back.' }],
  },
  {
    path: ['migrate', 'sql', 'status'],
    summary: 'Show applied and pending migrations.',
    description: ['With --exit-code, exits with status 1 if migrations are pending, for scripts.'],
    arguments: [DSN],
    flags: [
      ...SOURCES,
      flag.FORMAT,
      flag.QUIET,
      { name: 'exit-code', text: 'Exit with status 1 if migrations are pending.' },
      { name: 'block', text: 'Wait until no migration is pending.' },
    ],
    examples: [
      'bia migrate sql status -c bia.yml',
      'DSN=sqlite://bia.sqlite bia migrate sql status -e --format json',
    ],
  },
  {
    path: ['cleanup', 'sql'],
    summary: 'Delete expired flows, sessions and codes from the database.',
    description: [
      'A running server does this every ten minutes; use this command from an existing schedule or while no server runs.',
    ],
    arguments: [DSN],
    flags: [
      ...SOURCES,
      {
        name: 'keep-last',
        value: 'DURATION',
        default: '0s',
        text: 'Keep rows that expired within this time, such as 8h.',
      },
      {
        name: 'database.cleanup.batch_size',
        short: 'b',
        value: 'N',
        default: '100',
        text: 'How many rows to delete at once.',
      },
      {
        name: 'database.cleanup.sleep.tables',
        value: 'DURATION',
        default: '0s',
        text: 'How long to pause between tables.',
      },
    ],
    examples: ['bia cleanup sql -e --keep-last 8h', 'bia cleanup sql -c bia.yml'],
  },
  {
    path: ['doctor'],
    summary:
      'Look whether an installation is well: configuration, secrets, database, addresses, cookies, clock, mail.',
    description: [
      'Run it where the server runs, with the files that the server has. It asks the public address as a browser would, through whatever stands in front of it.',
      'Nothing is changed; with --mail-to one mail is sent. It ends with 1 when something is wrong.',
    ],
    arguments: [{ name: 'FILE', text: 'Configuration files in the order of serve.', isRepeatable: true }],
    flags: [
      flag.CONFIG,
      flag.DEV,
      {
        name: 'endpoint',
        short: 'e',
        value: 'URL',
        text: 'Admin address; default: that of the configuration.',
      },
      {
        name: 'public-url',
        value: 'URL',
        text: 'Public address; default: serve.public.base_url.',
      },
      { name: 'mail-to', value: 'ADDRESS', text: 'Send a mail to this address.' },
      flag.FORMAT,
    ],
    examples: ['bia doctor -c bia.yml', 'bia doctor -c bia.yml --mail-to you@example.org --format json'],
  },
  {
    path: ['backup'],
    summary: 'Copy a SQLite database to a file, while servers use it.',
    description: [
      'The file has the state of one moment. It is checked, and complete once it has its name; for PostgreSQL use pg_dump.',
      'It holds everything that the database holds: keep it as safe.',
    ],
    arguments: [DSN],
    flags: [...SOURCES, { name: 'to', value: 'FILE', text: 'File to make. It must not be there yet.' }],
    examples: ['bia backup -c bia.yml --to backups/2030-01-31.sqlite'],
  },
  {
    path: ['restore'],
    summary: 'Put a backup in the place of a SQLite database that no server uses.',
    description: ['What was there before is kept beside it under another name.'],
    arguments: [DSN],
    flags: [...SOURCES, { name: 'from', value: 'FILE', text: 'File that bia backup has made.' }, flag.YES],
    examples: ['bia restore -c bia.yml --from backups/2030-01-31.sqlite'],
  },
  {
    path: ['secrets', 'reseal'],
    summary: 'Seal stored credentials and events with the newest secret, so that older ones can be removed.',
    description: [
      'The newest is the first of secrets.cipher, or of secrets.default where there are none. Servers may run meanwhile, with both secrets.',
      'It ends with 1 where something is sealed with a secret that is not in the configuration.',
    ],
    arguments: [{ name: 'FILE', text: 'Configuration files in the order of serve.', isRepeatable: true }],
    flags: [flag.CONFIG, flag.DEV, flag.FORMAT],
    examples: ['bia secrets reseal -c bia.yml'],
  },
  {
    path: ['hashers', 'argon2', 'hash'],
    summary: 'Hash passwords by Argon2, for identities that are imported.',
    description: [
      'Without passwords on the command line, which other users can see, each line of standard input is one.',
    ],
    arguments: [{ name: 'PASSWORD', text: 'Passwords to hash.', isRepeatable: true }],
    flags: [
      { ...flag.CONFIG, text: 'Configuration with hashers.argon2; without one the defaults are used.' },
      { name: 'parallel', text: 'No effect: passwords are hashed one after the other.' },
    ],
    examples: [
      'bia hashers argon2 hash < passwords.txt',
      'bia hashers argon2 hash -c bia.yml < passwords.txt',
    ],
  },
  {
    path: ['config', 'lint'],
    summary: 'Check configuration files and the identity schemas they refer to.',
    description: [
      'Files are merged in order and environment variables are applied, as they are by serve.',
      'Prints each error with its file, line and column. Exits with status 1 if there are errors; warnings alone are fine.',
    ],
    arguments: [
      { name: 'FILE', text: 'Configuration files, in the order given to serve.', isRepeatable: true },
    ],
    flags: [
      flag.CONFIG,
      flag.DEV,
      {
        name: 'from-kratos',
        text: 'The file is that of a Kratos: tell what in it means something else here, or nothing.',
      },
    ],
    examples: [
      'bia config lint bia.yml',
      'bia config lint --from-kratos kratos.yml',
      'bia config lint --dev bia.yml',
      'bia config lint base.yml production.yml',
    ],
  },
  {
    path: ['config', 'show'],
    summary: 'Show the effective configuration, including defaults but without secrets.',
    arguments: [
      { name: 'FILE', text: 'Configuration files, in the order given to serve.', isRepeatable: true },
    ],
    flags: [
      flag.CONFIG,
      flag.DEV,
      { ...flag.FORMAT, default: 'yaml', text: 'yaml, json, json-pretty, jsonpointer=/a/b or jsonpath=a.b.' },
    ],
    examples: ['bia config show -c bia.yml', 'bia config show -c bia.yml --format jsonpath=session.lifespan'],
  },
  {
    path: ['identities', 'list'],
    aliases: [
      ['list', 'identities'],
      ['identities', 'ls'],
      ['ls', 'identities'],
    ],
    summary: 'List identities.',
    flags: [
      ...flag.ADMIN,
      flag.PAGE_SIZE,
      flag.PAGE_TOKEN,
      flag.ALL_PAGES,
      { name: 'identifier', value: 'TEXT', text: 'Only the identity with this sign-in identifier.' },
      { name: 'consistency', value: 'LEVEL', text: 'strong or eventual; passed to the server.' },
    ],
    examples: [
      'bia identities list',
      'bia identities list --identifier alice@example.org --format json-pretty',
    ],
  },
  {
    path: ['identities', 'get'],
    aliases: [
      ['get', 'identity'],
      ['get', 'identities'],
    ],
    summary: 'Show identities.',
    arguments: [IDS],
    flags: [
      ...flag.ADMIN,
      {
        name: 'include-credentials',
        short: 'i',
        value: 'TYPE',
        isRepeatable: true,
        text: 'Include stored credentials of this type, such as oidc.',
      },
      { name: 'external-id', text: 'Treat the ids as external ids.' },
    ],
    examples: ['bia identities get 9f4a8e5c-0d6c-4b57-9c5e-3a1b2c4d5e6f --format yaml'],
  },
  {
    path: ['identities', 'create'],
    summary: 'Create an identity from traits, or identities from files.',
    description: [
      'To create many identities, use import: it sends batches, shows progress and continues after failures.',
    ],
    arguments: [FILES],
    flags: [
      ...flag.ADMIN,
      {
        name: 'trait',
        short: 't',
        value: 'NAME=VALUE',
        isRepeatable: true,
        text: 'A text trait, or NAME:=JSON for numbers, booleans and lists. Use dots for nested objects.',
      },
      { name: 'schema', value: 'ID', text: "Identity schema; default: the server's." },
      { name: 'external-id', value: 'ID', text: 'Id of the same person in another system.' },
      {
        name: 'password-stdin',
        text: 'Read a password from standard input, because other users can see the command line.',
      },
    ],
    examples: [
      'bia identities create --trait email=alice@example.org',
      'bia identities create --trait email=alice@example.org --password-stdin < password.txt',
      'bia identities create alice.json',
    ],
  },
  {
    path: ['identities', 'delete'],
    aliases: [
      ['delete', 'identity'],
      ['delete', 'identities'],
    ],
    summary: 'Delete identities with their sessions and credentials. This cannot be undone.',
    description: ['Lists them and asks for confirmation; scripts must pass --yes.'],
    arguments: [IDS],
    flags: [...flag.ADMIN, flag.YES],
  },
  {
    path: ['identities', 'recover'],
    summary: 'Create a recovery code or link for someone who has lost access.',
    description: [
      'Deliver it in person or over a channel you trust: anyone who has it can take over the account.',
      'A code is entered on the page printed next to it; a link needs nothing else. Both work once.',
    ],
    arguments: [{ ...IDS, isRepeatable: false }],
    flags: [
      ...flag.ADMIN,
      { name: 'link', text: 'Create a link instead of a code.' },
      {
        name: 'expires-in',
        value: 'DURATION',
        text: 'How long it is valid, such as 15m or 24h; default: as configured.',
      },
      { name: 'return-to', value: 'URL', text: 'Where the person is sent afterwards.' },
    ],
    examples: [
      'bia identities recover 4a7c0b1e-4c2d-4f0e-9d0a-2f7f0c1c8a55 --expires-in 15m',
      'bia identities recover 4a7c0b1e-4c2d-4f0e-9d0a-2f7f0c1c8a55 --link',
    ],
  },
  {
    path: ['identities', 'import'],
    aliases: [
      ['import', 'identities'],
      ['import', 'identity'],
    ],
    summary: 'Create many identities from files.',
    description: [
      'Files may contain identities as returned by the API: ids and times assigned by the server are ignored.',
      'Identities are sent in batches. A failure does not stop the others; failures are listed at the end and the exit status is 1.',
      'Passwords may be plain text or hashes from another system (credentials.password.config.hashed_password).',
    ],
    arguments: [FILES],
    flags: [
      ...flag.ADMIN,
      {
        name: 'batch-size',
        value: 'N',
        default: '200',
        text: 'Identities per request, at most 1000 (200 with plain-text passwords).',
      },
      {
        name: 'skip-existing',
        text: 'Don’t treat existing identities as failures, so that an import can be repeated.',
      },
      {
        name: 'failures',
        value: 'FILE',
        text: 'Write failed identities to this file (JSON Lines), to fix and import again.',
      },
    ],
    examples: [
      'bia identities import people.json',
      'bia identities import people.jsonl --skip-existing --failures failed.jsonl',
    ],
  },
  {
    path: ['identities', 'validate'],
    aliases: [
      ['validate', 'identity'],
      ['validate', 'identities'],
    ],
    summary: 'Validate identity files against the server’s identity schemas without creating anything.',
    arguments: [FILES],
    flags: [...flag.ADMIN],
  },
  {
    path: ['import', 'kratos'],
    summary: 'Bring everybody over from a Kratos database, with their sessions.',
    description: [
      'Identities keep their ids, times, credentials and addresses. Sessions keep their tokens, and codes and links that are on their way still work: nobody has to sign in again. Kratos is only read.',
      'It can be stopped at any moment and run again at any time: what is there already stays, what changed in Kratos meanwhile is brought, what went there goes here. What was changed on both sides stays as it is here, and is told.',
      'What cannot be carried over is told at the end, and the command ends with 1.',
    ],
    flags: [
      {
        name: 'from',
        value: 'DSN',
        text: 'Database of Kratos: sqlite://, postgres://, cockroach:// or mysql://; default: dsn of its configuration.',
      },
      {
        ...flag.CONFIG,
        text: 'Configuration of Kratos; its secrets open what Kratos encrypted. Several are merged in order.',
      },
      {
        name: 'to',
        value: 'DSN',
        text: "Database of Bia; default: the variable DSN, or dsn of Bia's configuration.",
      },
      {
        name: 'bia-config',
        value: 'FILE',
        isRepeatable: true,
        text: 'Configuration of Bia, where it is another than that of Kratos.',
      },
      flag.DEV,
      { name: 'dry-run', text: 'Read and convert everything, and write nothing.' },
      {
        name: 'batch-size',
        value: 'N',
        default: '500',
        text: 'Identities in one transaction, at most 5000.',
      },
      {
        name: 'problems',
        value: 'FILE',
        text: 'Write everything that could not be carried over to this file (JSON Lines).',
      },
      flag.FORMAT,
    ],
    examples: [
      'bia import kratos --config kratos.yml --to postgres://bia@localhost/bia --dry-run',
      'bia import kratos --from sqlite://kratos.sqlite --config kratos.yml --to sqlite://bia.sqlite',
    ],
  },
  {
    path: ['sessions', 'list'],
    aliases: [
      ['list', 'sessions'],
      ['sessions', 'ls'],
      ['ls', 'sessions'],
    ],
    summary: 'List sessions, the newest first.',
    flags: [
      ...flag.ADMIN,
      { name: 'identity', value: 'ID', text: 'Only the sessions of this identity.' },
      { name: 'active', text: 'Only those that are active.' },
      flag.PAGE_SIZE,
      flag.PAGE_TOKEN,
      flag.ALL_PAGES,
    ],
    examples: [
      'bia sessions list --active',
      'bia sessions list --identity 9f4a8e5c-0d6c-4b57-9c5e-3a1b2c4d5e6f',
    ],
  },
  {
    path: ['sessions', 'revoke'],
    aliases: [
      ['revoke', 'sessions'],
      ['revoke', 'session'],
    ],
    summary: 'Revoke sessions, signing people out.',
    arguments: [{ name: 'ID', text: 'Id of a session.', isRepeatable: true }],
    flags: [
      ...flag.ADMIN,
      { name: 'identity', value: 'ID', isRepeatable: true, text: 'Revoke all sessions of this identity.' },
      { name: 'all', text: 'Revoke every session.' },
      flag.YES,
    ],
    examples: [
      'bia sessions revoke --identity 9f4a8e5c-0d6c-4b57-9c5e-3a1b2c4d5e6f',
      'bia sessions revoke --all --yes',
    ],
  },
  {
    path: ['hook-events', 'list'],
    summary: 'List the events that hooks queued for other services, the newest first.',
    flags: [...flag.ADMIN, ...HOOK_EVENT_FILTERS, flag.PAGE_SIZE, flag.PAGE_TOKEN, flag.ALL_PAGES],
    examples: [
      'bia hook-events list --status abandoned',
      'bia hook-events list --identity 9f4a8e5c-0d6c-4b57-9c5e-3a1b2c4d5e6f',
    ],
  },
  {
    path: ['hook-events', 'get'],
    summary: 'Show an event with each try to deliver it.',
    arguments: [{ name: 'ID', text: 'Id of an event.', isRequired: true }],
    flags: [...flag.ADMIN],
    examples: ['bia hook-events get 9f4a8e5c-0d6c-4b57-9c5e-3a1b2c4d5e6f'],
  },
  {
    path: ['hook-events', 'replay'],
    summary: 'Deliver events again that were delivered or given up.',
    description: [
      'They keep their ids, so that a service that has one already can tell. Without --status, only those that were given up.',
    ],
    arguments: [{ name: 'ID', text: 'Ids of events.', isRepeatable: true }],
    flags: [...flag.ADMIN, ...HOOK_EVENT_FILTERS, flag.YES],
    examples: [
      'bia hook-events replay 9f4a8e5c-0d6c-4b57-9c5e-3a1b2c4d5e6f',
      'bia hook-events replay --status abandoned --yes',
      'bia hook-events replay --status delivered --target crm --since 2026-01-31T12:00:00Z --yes',
    ],
  },
  {
    path: ['events', 'list'],
    aliases: [
      ['list', 'events'],
      ['events', 'ls'],
    ],
    summary: 'List security events, the newest first: who did what, when and from where.',
    flags: [...flag.ADMIN, ...SECURITY_EVENT_FILTERS, flag.PAGE_SIZE, flag.PAGE_TOKEN, flag.ALL_PAGES],
    examples: [
      'bia events list --kind login.refused --since 1h',
      'bia events list --identity 9f4a8e5c-0d6c-4b57-9c5e-3a1b2c4d5e6f --all --format yaml',
    ],
  },
  {
    path: ['events', 'export'],
    aliases: [['export', 'events']],
    summary: 'Write security events as JSON Lines (NDJSON), the oldest first.',
    description: [
      'Each line is one event, as /admin/security-events answers it. The events are read page by page, so that there may be any number of them.',
      'For a copy that grows, export whole days: --since 2030-01-31 --until 2030-02-01.',
    ],
    flags: [
      flag.ENDPOINT,
      ...SECURITY_EVENT_FILTERS,
      { name: 'output', short: 'o', value: 'FILE', text: 'Write to this file instead of standard output.' },
    ],
    examples: ['bia events export --since 2030-01-31 --until 2030-02-01 --output 2030-01-31.ndjson'],
  },
  {
    path: ['courier', 'preview'],
    summary: 'Show a message as it would be sent, with sample data.',
    description: [
      'Uses your configured templates if there are any, otherwise the built-in ones. Errors show file, line and column.',
    ],
    arguments: [
      { name: 'TEMPLATE', text: 'Name of the template, such as recovery_code_valid.', isRequired: true },
    ],
    flags: [
      flag.CONFIG,
      {
        name: 'type',
        value: 'TYPE',
        default: 'email',
        choices: ['email', 'sms'],
        text: 'Kind of message: email or sms.',
      },
      {
        name: 'format',
        short: 'f',
        value: 'PART',
        default: 'text',
        choices: ['text', 'html', 'subject'],
        text: 'What to show: text, html or subject.',
      },
      { name: 'language', value: 'TAG', text: 'Render for a reader of this language, such as de.' },
      { name: 'data', value: 'FILE', text: 'JSON merged over the sample data.' },
      { name: 'output', short: 'o', value: 'FILE', text: 'Write it to a file.' },
    ],
    examples: [
      'bia courier preview recovery_code_valid -c bia.yml',
      'bia courier preview verification_valid -c bia.yml --format html --output mail.html',
      'bia courier preview login_code_valid --type sms --language de -c bia.yml',
    ],
  },
  {
    path: ['courier', 'templates', 'export'],
    summary: 'Copy the built-in templates into a folder as a starting point.',
    description: ['Existing files are kept.'],
    arguments: [
      {
        name: 'FOLDER',
        text: 'Target folder, to be used as courier.template_override_path.',
        isRequired: true,
      },
    ],
    flags: [],
    examples: ['bia courier templates export mail-templates'],
  },
  {
    path: ['remote', 'status'],
    summary: 'Show whether a server is alive and ready.',
    flags: [flag.ENDPOINT, flag.FORMAT],
  },
  {
    path: ['remote', 'version'],
    summary: 'Show the version of a running server.',
    flags: [flag.ENDPOINT, flag.FORMAT],
  },
  { path: ['version'], summary: 'Show the version of this program.', flags: [] },
  {
    path: ['help'],
    summary: 'Show help for a command.',
    arguments: [{ name: 'COMMAND', text: 'Words of the command.', isRepeatable: true }],
    flags: [],
  },
];
