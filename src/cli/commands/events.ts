// `bia events list | export`: what happened to accounts, from the admin API of a running server.
import { appendFileSync, writeFileSync } from 'node:fs';
import { toRfc3339 } from '../../lib/clock.ts';
import { parseDurationMs } from '../../lib/duration.ts';
import type { JsonObject } from '../../lib/json.ts';
import { createAdminApi, objectsOf, type Query, readPages } from '../admin-api.ts';
import { CommandError, type Handler, type Invocation, type Io, UsageError } from '../line/command.ts';
import { wholeNumber } from '../line/flags.ts';
import { createProgress } from '../line/progress.ts';
import { refuseUnknownFormat, writeResult } from '../line/result.ts';
import { textOf } from './identities/table.ts';

const PATH = '/admin/security-events';
const MAX_PAGE = 1000;

export const listEvents: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const { items, nextPageToken } = await readPages(api, {
    path: PATH,
    query: {
      ...filters(invocation, io),
      page_size: String(wholeNumber(invocation, 'page-size', { min: 1, max: MAX_PAGE })),
      page_token: invocation.text('page-token'),
    },
    isAll: invocation.isOn('all'),
  });
  await writeResult(
    {
      json: { events: items, next_page_token: nextPageToken ?? '' },
      columns: ['AT', 'KIND', 'IDENTITY ID', 'METHOD', 'REASON', 'CLIENT IP'],
      rows: items.map(row),
      ids: items.map(({ id }) => textOf(id)),
      footer: [['NEXT PAGE TOKEN', nextPageToken ?? '']],
    },
    invocation,
    io,
  );
  return 0;
};

const row = (event: JsonObject): readonly string[] =>
  ['at', 'kind', 'identity_id', 'method', 'reason', 'client_ip'].map((name) => textOf(event[name]));

export const exportEvents: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  const file = invocation.text('output');
  const write = writerOf(file, io);
  const progress = file === undefined ? undefined : createProgress(io, 'exported');
  let query: Query = { ...filters(invocation, io), order: 'oldest', page_size: String(MAX_PAGE) };
  let count = 0;
  for (let hasMore = true; hasMore; ) {
    const { json, nextPageToken } = await api.get(PATH, query);
    const events = objectsOf(json);
    write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    count += events.length;
    progress?.update(count);
    hasMore = events.length > 0 && nextPageToken !== undefined;
    query = { ...query, page_token: nextPageToken };
  }
  progress?.finish();
  return 0;
};

/** A file is begun anew, and is for this user alone: it tells who was where. */
function writerOf(file: string | undefined, io: Io): (text: string) => void {
  if (file === undefined) return io.out;
  try {
    writeFileSync(file, '', { mode: 0o600 });
  } catch (error) {
    throw new CommandError(
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return (text) => appendFileSync(file, text);
}

function filters(invocation: Invocation, io: Io): Query {
  return {
    kind: invocation.all('kind'),
    identity_id: invocation.text('identity'),
    session_id: invocation.text('session'),
    since: timeOf(invocation, 'since', io),
    until: timeOf(invocation, 'until', io),
  };
}

/** A time as it is written, or so long ago. Throws UsageError where it is neither. */
function timeOf(invocation: Invocation, flag: string, io: Io): string | undefined {
  const text = invocation.text(flag);
  if (text === undefined) return undefined;
  try {
    return toRfc3339(io.nowMs() - parseDurationMs(text));
  } catch {
    // No duration: a time, or a mistake.
  }
  if (/^\d{4}-\d{2}-\d{2}(?:T.*)?$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new UsageError(
    `--${flag} takes a time such as 2030-01-31T08:00:00Z or a duration such as 24h, not "${text}"`,
  );
}
