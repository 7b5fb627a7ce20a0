// Databases as Kratos keeps them, with the tables and columns that matter, on all that it runs on.
import { spawn, spawnSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { createPostgresDatabase } from './databases.ts';
import { freePorts } from './free-ports.ts';

export type KratosKind = 'sqlite' | 'postgres' | 'mysql';

/** Why a kind cannot be tried here, for the skipping of a test. */
export function missing(kind: KratosKind): string | false {
  if (kind === 'postgres') return process.env['BIA_TEST_POSTGRES'] === 'none' && 'PostgreSQL is switched off';
  if (kind === 'sqlite') return false;
  return spawnSync('mariadbd', ['--version']).status !== 0 && 'mariadbd is not installed';
}

type Value = string | number | boolean | null | object;
type Values = Readonly<Record<string, Value>>;

export interface KratosDb {
  readonly kind: KratosKind;
  readonly dsn: string;
  readonly nid: string;
  insert(table: keyof typeof TABLES, row: Values): Promise<void>;
  run(sql: string): Promise<void>;
  remove(): Promise<void>;
}

interface Connection {
  readonly dsn: string;
  readonly run: (sql: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

type Type = 'id' | 'text' | 'json' | 'time' | 'bool' | 'int';

const TYPES: Readonly<Record<KratosKind, Readonly<Record<Type, string>>>> = {
  sqlite: { id: 'char(36)', text: 'text', json: 'jsonb', time: 'datetime', bool: 'bool', int: 'int' },
  postgres: {
    id: 'uuid',
    text: 'varchar(2048)',
    json: 'jsonb',
    time: 'timestamp',
    bool: 'boolean',
    int: 'int',
  },
  mysql: {
    id: 'char(36)',
    text: 'varchar(2048)',
    json: 'json',
    time: 'datetime',
    bool: 'tinyint(1)',
    int: 'int',
  },
};

const OWN = { id: 'id', nid: 'id', created_at: 'time', updated_at: 'time' } as const;
const FLOW = {
  ...OWN,
  issued_at: 'time',
  expires_at: 'time',
  active_method: 'text',
  csrf_token: 'text',
  type: 'text',
  ui: 'json',
  state: 'text',
  request_url: 'text',
} as const;
const SECRET = { ...OWN, used_at: 'time', expires_at: 'time', issued_at: 'time' } as const;

const TABLES = {
  networks: { id: 'id', created_at: 'time', updated_at: 'time' },
  identities: {
    ...OWN,
    schema_id: 'text',
    traits: 'json',
    state: 'text',
    state_changed_at: 'time',
    metadata_public: 'json',
    metadata_admin: 'json',
    organization_id: 'id',
    external_id: 'text',
  },
  identity_credential_types: { id: 'id', name: 'text' },
  identity_credentials: {
    ...OWN,
    config: 'json',
    identity_credential_type_id: 'id',
    identity_id: 'id',
    version: 'int',
  },
  identity_credential_identifiers: {
    ...OWN,
    identifier: 'text',
    identity_credential_id: 'id',
    identity_credential_type_id: 'id',
    identity_id: 'id',
  },
  identity_verifiable_addresses: {
    ...OWN,
    identity_id: 'id',
    via: 'text',
    value: 'text',
    verified: 'bool',
    status: 'text',
    verified_at: 'time',
  },
  identity_recovery_addresses: { ...OWN, identity_id: 'id', via: 'text', value: 'text' },
  sessions: {
    ...OWN,
    identity_id: 'id',
    active: 'bool',
    issued_at: 'time',
    authenticated_at: 'time',
    expires_at: 'time',
    aal: 'text',
    authentication_methods: 'json',
    token: 'text',
  },
  session_devices: { ...OWN, session_id: 'id', ip_address: 'text', user_agent: 'text', location: 'text' },
  identity_pending_traits_changes: {
    ...OWN,
    identity_id: 'id',
    session_id: 'id',
    new_address_value: 'text',
    new_address_via: 'text',
    original_traits_hash: 'text',
    proposed_traits: 'json',
    verification_flow_id: 'id',
    status: 'text',
  },
  selfservice_login_flows: { ...FLOW, forced: 'bool', requested_aal: 'text' },
  selfservice_recovery_flows: FLOW,
  selfservice_verification_flows: FLOW,
  identity_login_codes: {
    ...SECRET,
    code: 'text',
    address: 'text',
    address_type: 'text',
    identity_id: 'id',
    selfservice_login_flow_id: 'id',
  },
  identity_recovery_codes: {
    ...SECRET,
    code: 'text',
    code_type: 'int',
    identity_id: 'id',
    identity_recovery_address_id: 'id',
    selfservice_recovery_flow_id: 'id',
  },
  identity_recovery_tokens: {
    ...SECRET,
    token: 'text',
    token_type: 'int',
    identity_id: 'id',
    identity_recovery_address_id: 'id',
    selfservice_recovery_flow_id: 'id',
  },
  identity_verification_codes: {
    ...SECRET,
    code_hmac: 'text',
    identity_verifiable_address_id: 'id',
    selfservice_verification_flow_id: 'id',
  },
  identity_verification_tokens: {
    ...SECRET,
    token: 'text',
    identity_verifiable_address_id: 'id',
    selfservice_verification_flow_id: 'id',
  },
  courier_messages: { ...OWN, status: 'int' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Type>>>>;

const INDEXED = /^(?:identity|session|identity_credential|selfservice_\w+_flow|verification_flow)_id$/;

export async function createKratosDatabase(kind: KratosKind): Promise<KratosDb> {
  const { dsn, run, remove } = await connect(kind);
  for (const [table, columns] of Object.entries(TABLES)) {
    const parts = Object.entries(columns).map(([name, type]) => {
      return `${name} ${TYPES[kind][type]}${name === 'id' ? ' primary key' : ' null'}`;
    });
    await run(`create table ${table} (${parts.join(', ')})`);
    // As Kratos has them: without, each page would read whole tables.
    for (const column of Object.keys(columns).filter((name) => INDEXED.test(name)))
      await run(`create index ${table}_${column} on ${table} (${column})`);
  }
  const nid = randomUUID();
  const insert: KratosDb['insert'] = async (table, row) => {
    const known: Readonly<Record<string, Type>> = TABLES[table];
    const filled: Values = {
      id: randomUUID(),
      ...('nid' in known ? { nid } : {}),
      ...('created_at' in known ? { created_at: new Date(START_MS), updated_at: new Date(START_MS) } : {}),
      ...row,
    };
    const names = Object.keys(filled);
    await run(
      `insert into ${table} (${names.join(', ')}) values (${names.map((name) => literal(filled[name] ?? null, kind)).join(', ')})`,
    );
  };
  await insert('networks', { id: nid });
  for (const name of CREDENTIAL_TYPES) await insert('identity_credential_types', { id: typeId(name), name });
  return { kind, dsn, nid, insert, run, remove };
}

const START_MS = Date.UTC(2029, 0, 1);
const CREDENTIAL_TYPES = ['password', 'oidc', 'totp', 'lookup_secret', 'webauthn', 'passkey', 'code', 'saml'];

/** Any fixed ids do. */
export const typeId = (name: string): string =>
  `00000000-0000-4000-8000-${String(CREDENTIAL_TYPES.indexOf(name)).padStart(12, '0')}`;

/** As each database writes it: SQLite knows no times, and defaults of booleans are texts there. */
function literal(value: Value, kind: KratosKind): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return kind === 'postgres' ? String(value) : value ? '1' : '0';
  if (typeof value === 'number') return String(value);
  if (value instanceof Date) {
    const [day, time] = value.toISOString().replace('Z', '').split('T');
    if (kind === 'mysql') return `'${day} ${time?.slice(0, 8)}'`;
    return `'${day} ${time}456${kind === 'sqlite' ? '+00:00' : ''}'`;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `'${text.replaceAll("'", "''")}'`;
}

async function connect(kind: KratosKind): Promise<Connection> {
  if (kind === 'sqlite') return connectSqlite();
  return kind === 'postgres' ? connectPostgres() : connectMariadb();
}

function connectSqlite(): Connection {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kratos-sqlite-'));
  const file = path.join(folder, 'kratos.sqlite');
  const database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal; pragma synchronous = off');
  return {
    dsn: `sqlite://${file}?_fk=true&mode=rwc`,
    run: (sql) => Promise.resolve(database.exec(sql)),
    remove: () => {
      database.close();
      return Promise.resolve(rmSync(folder, { recursive: true, force: true }));
    },
  };
}

async function connectPostgres(): Promise<Connection> {
  const made = await createPostgresDatabase();
  const client = new pg.Client({ connectionString: made.dsn });
  await client.connect();
  return {
    dsn: `${made.dsn}${made.dsn.includes('?') ? '&' : '?'}max_conns=7&max_idle_conns=3`,
    run: async (sql) => void (await client.query(sql)),
    remove: async () => {
      await client.end();
      await made.remove();
    },
  };
}

/** A server of its own, since few have one running. */
async function connectMariadb(): Promise<Connection> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kratos-mariadb-'));
  chmodSync(folder, 0o777);
  const data = path.join(folder, 'data');
  const user = process.getuid?.() === 0 ? ['--user=nobody'] : [];
  mkdirSync(data);
  chmodSync(data, 0o777);
  const install = [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ];
  spawnSync('mariadb-install-db', [...install, ...user]);
  const [port = 0] = await freePorts();
  const server = spawn(
    'mariadbd',
    [
      '--no-defaults',
      ...user,
      `--datadir=${data}`,
      `--socket=${folder}/s`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
    ],
    { stdio: 'ignore' },
  );
  const { createConnection } = await import('mysql2/promise');
  const open = () => createConnection({ socketPath: `${folder}/s`, user: 'root', multipleStatements: true });
  let connection: Awaited<ReturnType<typeof open>> | undefined;
  for (let tries = 0; !connection && tries < 300; tries += 1) {
    connection = await open().catch(() => undefined);
    if (!connection) await wait(100);
  }
  if (!connection) throw new Error('MariaDB did not start');
  const ready = connection;
  await ready.query(
    `create database kratos character set utf8mb4; use kratos;
      create user k@'127.0.0.1' identified by 'p:w@rd/1'; grant select on kratos.* to k@'127.0.0.1'`,
  );
  return {
    dsn: `mysql://k:p:w@rd/1@tcp(127.0.0.1:${port})/kratos?parseTime=true`,
    run: async (sql) => void (await ready.query(sql)),
    remove: async () => {
      await ready.end();
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How Kratos keeps codes and links. */
export const kratosDigest = (value: string, secret: string): string =>
  createHmac('sha512-256', secret).update(value).digest('hex');
