// How many statements each endpoint sends to its database, counted on a server inside this process.
import { createBia } from '../../src/app/create-app.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Installation } from './installation.ts';
import type { LoadData } from './loads.ts';

export interface StatementCount {
  readonly endpoint: string;
  readonly statements: readonly string[];
}

/** Transaction control of Kysely and of the group commit is not among them: it is no question to the database. */
export async function countStatements(
  { config, publicUrl }: Installation,
  data: LoadData,
): Promise<readonly StatementCount[]> {
  let statements: string[] = [];
  const bia = await createBia({ config, log: silentLog, onQuery: (sql) => statements.push(sql) });
  const ask = async (endpoint: string, path: string, init: RequestInit) => {
    statements = [];
    const response = await bia.publicFetch(new Request(new URL(path, publicUrl), init));
    const body = await response.text();
    if (response.status !== 200) throw new Error(`${endpoint} answered ${response.status}: ${body}`);
    return { count: { endpoint, statements }, body };
  };
  const json = { accept: 'application/json' };
  try {
    const token = await ask('GET /sessions/whoami (token)', 'sessions/whoami', {
      headers: { ...json, 'x-session-token': data.tokens[0] ?? '' },
    });
    const cookie = await ask('GET /sessions/whoami (cookie)', 'sessions/whoami', {
      headers: { ...json, cookie: data.cookies[0] ?? '' },
    });
    const start = await ask('GET /self-service/login/api', 'self-service/login/api', { headers: json });
    const flow = /"id":"([0-9a-f-]+)"/.exec(start.body)?.[1] ?? '';
    const fetched = await ask('GET /self-service/login/flows', `self-service/login/flows?id=${flow}`, {
      headers: json,
    });
    const submission = { method: 'password', identifier: data.identifiers[0], password: data.password };
    const signIn = await ask('POST /self-service/login', `self-service/login?flow=${flow}`, {
      method: 'POST',
      headers: { ...json, 'content-type': 'application/json' },
      body: JSON.stringify(submission),
    });
    return [token, cookie, start, fetched, signIn].map(({ count }) => count);
  } finally {
    await bia.close();
  }
}
