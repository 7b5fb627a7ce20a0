// `bia hook-events list | get | replay`: what hooks queued for other services, and sending it once more.
import { parseUuid } from '../../lib/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import { createAdminApi, objectsOf, readPages } from '../admin-api.ts';
import { type Handler, type Invocation, UsageError } from '../line/command.ts';
import { confirm } from '../line/confirm.ts';
import { wholeNumber } from '../line/flags.ts';
import { refuseUnknownFormat, writeResult } from '../line/result.ts';
import { textOf } from './identities/table.ts';

const PATH = '/admin/hook-events';
const FILTERS = ['status', 'target', 'identity', 'since', 'until'] as const;
const MAX_PAGE = 500;

export const listHookEvents: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const { items, nextPageToken } = await readPages(api, {
    path: PATH,
    query: {
      ...filterOf(invocation),
      page_size: String(wholeNumber(invocation, 'page-size', { min: 1, max: MAX_PAGE })),
      page_token: invocation.text('page-token'),
    },
    isAll: invocation.isOn('all'),
  });
  await writeResult(
    {
      json: { events: items, next_page_token: nextPageToken ?? '' },
      columns: COLUMNS,
      rows: items.map(row),
      ids: items.map(({ id }) => textOf(id)),
      footer: [['NEXT PAGE TOKEN', nextPageToken ?? '']],
    },
    invocation,
    io,
  );
  return 0;
};

const COLUMNS = ['ID', 'STATUS', 'KIND', 'TARGET', 'IDENTITY ID', 'TRIES', 'CREATED AT'];

const row = (event: JsonObject): readonly string[] => [
  textOf(event['id']),
  textOf(event['status']),
  textOf(event['kind']),
  textOf(event['target']),
  event['identity_id'] === null ? '' : textOf(event['identity_id']),
  String(event['attempts']),
  textOf(event['created_at']),
];

/** Shows the tries, one a line. */
export const getHookEvent: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const { json } = await api.get(`${PATH}/${idOf(invocation.positionals[0] ?? '')}`);
  const event = isJsonObject(json) ? json : {};
  const tries = objectsOf(event['tries'] ?? []);
  await writeResult(
    {
      json,
      columns: ['AT', 'OUTCOME', 'TOOK'],
      rows: tries.map((one) => [textOf(one['at']), textOf(one['outcome']), `${String(one['took_ms'])} ms`]),
      ids: tries.map(({ id }) => textOf(id)),
      footer: COLUMNS.map((name, index) => [name, row(event)[index] ?? ''] as const),
    },
    invocation,
    io,
  );
  return 0;
};

export const replayHookEvents: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const filter = filterOf(invocation);
  const ids = invocation.positionals.map(idOf);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  if (ids.length > 0 === isFiltered) {
    throw new UsageError('name events, or choose them by --status, --target, --identity, --since or --until');
  }
  let replayed = 0;
  for (const id of ids) replayed += countOf((await api.send('POST', `${PATH}/${id}/replay`)).json);
  if (isFiltered) {
    if (!(await confirm(`Send these events of ${api.endpoint} again?`, invocation, io))) return 0;
    const wanted = Object.entries(filter).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    replayed = countOf((await api.send('POST', `${PATH}/replay`, Object.fromEntries(wanted))).json);
  }
  await writeResult(
    { json: { replayed }, columns: ['REPLAYED'], rows: [[String(replayed)]], ids: [], isSingle: true },
    invocation,
    io,
  );
  return 0;
};

const filterOf = (invocation: Invocation): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(FILTERS.map((name) => [name, invocation.text(name)]));

const countOf = (json: Json): number =>
  isJsonObject(json) && typeof json['replayed'] === 'number' ? json['replayed'] : 0;

function idOf(text: string): string {
  const id = parseUuid(text);
  if (id === undefined) throw new UsageError(`"${text}" is no id of an event`);
  return id;
}
