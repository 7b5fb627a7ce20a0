// `bia sessions list | revoke`.
import { parseUuid } from '../../lib/ids.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { type AdminApi, AdminRefusal, createAdminApi, readPages } from '../admin-api.ts';
import { CommandError, type Handler, type Invocation, type Io, UsageError } from '../line/command.ts';
import { confirm } from '../line/confirm.ts';
import { wholeNumber } from '../line/flags.ts';
import { refuseUnknownFormat, writeResult } from '../line/result.ts';
import { textOf } from './identities/table.ts';

const MAX_PAGE = 1000;
/** Ids in one request of the admin API. */
const MAX_IDS = 500;

export const listSessions: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const identity = invocation.text('identity');
  const { items, nextPageToken } = await readPages(api, {
    path:
      identity === undefined
        ? '/admin/sessions'
        : `/admin/identities/${idOf(identity, 'an identity')}/sessions`,
    query: {
      active: invocation.isOn('active') ? 'true' : undefined,
      expand: identity === undefined ? 'identity' : undefined,
      page_size: String(wholeNumber(invocation, 'page-size', { min: 1, max: MAX_PAGE })),
      page_token: invocation.text('page-token'),
    },
    isAll: invocation.isOn('all'),
  });
  await writeResult(
    {
      json: { sessions: items, next_page_token: nextPageToken ?? '' },
      columns: ['ID', 'ACTIVE', 'IDENTITY ID', 'AAL', 'AUTHENTICATED AT', 'EXPIRES AT'],
      rows: items.map((session) => row(session, identity)),
      ids: items.map(({ id }) => textOf(id)),
      footer: [['NEXT PAGE TOKEN', nextPageToken ?? '']],
    },
    invocation,
    io,
  );
  return 0;
};

function row(session: JsonObject, knownIdentity: string | undefined): readonly string[] {
  const { identity } = session;
  return [
    textOf(session['id']),
    session['active'] === true ? 'yes' : 'no',
    isJsonObject(identity) ? textOf(identity['id']) : (knownIdentity ?? ''),
    textOf(session['authenticator_assurance_level']),
    textOf(session['authenticated_at']),
    textOf(session['expires_at']),
  ];
}

export const revokeSessions: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const identities = invocation.all('identity').map((id) => idOf(id, 'an identity'));
  const sessions = invocation.positionals.map((id) => idOf(id, 'a session'));
  const isAll = invocation.isOn('all');
  if ([identities.length > 0, sessions.length > 0, isAll].filter(Boolean).length !== 1) {
    throw new UsageError('name sessions, or identities by --identity, or everybody by --all');
  }
  if (isAll) await revokeAll(api, invocation, io);
  else if (identities.length > 0) await revokeOf(api, identities, { invocation, io });
  else await revokeNamed(api, sessions, { invocation, io });
  return 0;
};

interface Output {
  readonly invocation: Invocation;
  readonly io: Io;
}

async function revokeNamed(
  api: AdminApi,
  sessions: readonly string[],
  { invocation, io }: Output,
): Promise<void> {
  for (const id of sessions) {
    await api.send('DELETE', `/admin/sessions/${id}`).catch((error: unknown) => {
      if (!(error instanceof AdminRefusal && error.status === 404)) throw error;
      throw new CommandError(`there is no session ${id}`, 'list them with: bia sessions list');
    });
  }
  const result = { json: sessions, columns: ['ID'], rows: sessions.map((id) => [id]), ids: sessions };
  await writeResult(result, invocation, io);
}

async function revokeOf(
  api: AdminApi,
  identities: readonly string[],
  { invocation, io }: Output,
): Promise<void> {
  let count = 0;
  for (let at = 0; at < identities.length; at += MAX_IDS) {
    const { json } = await api.send('POST', '/admin/sessions', {
      action: 'disable',
      identities: identities.slice(at, at + MAX_IDS),
    });
    count += processed(json);
  }
  await writeCount(count, invocation, io);
}

async function revokeAll(api: AdminApi, invocation: Invocation, io: Io): Promise<void> {
  if (!(await confirm(`End the sessions of everybody at ${api.endpoint}?`, invocation, io))) return;
  let count = 0;
  let hasMore = true;
  while (hasMore) {
    const { json } = await api.send('POST', '/admin/sessions', { action: 'disable', identities: ['*'] });
    count += processed(json);
    hasMore = isJsonObject(json) && json['more'] === true && processed(json) > 0;
  }
  await writeCount(count, invocation, io);
}

const processed = (json: unknown): number =>
  isJsonObject(json) && typeof json['processed'] === 'number' ? json['processed'] : 0;

function writeCount(count: number, invocation: Invocation, io: Io): Promise<void> {
  const result = {
    json: { revoked: count },
    columns: ['REVOKED'],
    rows: [[String(count)]],
    ids: [],
    isSingle: true,
  };
  return writeResult(result, invocation, io);
}

function idOf(text: string, what: string): string {
  const id = parseUuid(text);
  if (id === undefined) throw new UsageError(`"${text}" is not the id of ${what}`);
  return id;
}
