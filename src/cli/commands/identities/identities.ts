// `bia identities list | get | create | delete`.
import { parseUuid } from '../../../lib/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../lib/json.ts';
import { AdminRefusal, createAdminApi, readPages } from '../../admin-api.ts';
import { CommandError, type Handler, type Invocation, UsageError } from '../../line/command.ts';
import { confirm } from '../../line/confirm.ts';
import { wholeNumber } from '../../line/flags.ts';
import { refuseUnknownFormat, writeResult } from '../../line/result.ts';
import { type IdentityEntry, readIdentities } from './files.ts';
import { asRequest } from './shape.ts';
import { identitiesResult, identityPageResult, whoIs } from './table.ts';

const MAX_PAGE = 500;

export const listIdentities: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const { items, nextPageToken } = await readPages(api, {
    path: '/admin/identities',
    query: {
      page_size: String(wholeNumber(invocation, 'page-size', { min: 1, max: MAX_PAGE })),
      page_token: invocation.text('page-token'),
      credentials_identifier: invocation.text('identifier'),
      consistency: invocation.text('consistency'),
    },
    isAll: invocation.isOn('all'),
  });
  await writeResult(identityPageResult(items, nextPageToken), invocation, io);
  return 0;
};

export const getIdentities: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const isExternal = invocation.isOn('external-id');
  const identities: JsonObject[] = [];
  for (const id of invocation.positionals) {
    const path = isExternal ? `/admin/identities/by/external/${encodeURIComponent(id)}` : identityPath(id);
    const { json } = await api
      .get(path, { include_credential: invocation.all('include-credentials') })
      .catch((error: unknown) => Promise.reject(notFound(error, id)));
    if (isJsonObject(json)) identities.push(json);
  }
  await writeResult(identitiesResult(identities), invocation, io);
  return 0;
};

export const createIdentity: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const isFromTraits = invocation.all('trait').length > 0;
  if (isFromTraits && invocation.positionals.length > 0) {
    throw new UsageError('traits come either from --trait or from a file, not from both');
  }
  const created: JsonObject[] = [];
  const bodies: AsyncIterable<IdentityEntry> | readonly IdentityEntry[] = isFromTraits
    ? [{ source: '--trait', value: await bodyFromFlags(invocation, io.readStdin) }]
    : readIdentities(invocation.positionals, io);
  for await (const { source, value, fault } of bodies) {
    if (fault !== undefined) throw new CommandError(`${source}: ${fault}`);
    const { json } = await api.send('POST', '/admin/identities', asRequest(value)).catch((error: unknown) => {
      if (!(error instanceof AdminRefusal)) throw error;
      throw new AdminRefusal(
        error.status,
        `${source}: ${error.message}`,
        hintFor(error.status, isFromTraits ? 'flags' : 'file'),
      );
    });
    if (isJsonObject(json)) created.push(json);
  }
  await writeResult(identitiesResult(created), invocation, io);
  return 0;
};

export const deleteIdentities: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const found: { readonly id: string; readonly path: string; readonly who: string }[] = [];
  // Before the first one is gone.
  for (const [id, path] of invocation.positionals.map((one) => [one, identityPath(one)] as const)) {
    const { json } = await api.get(path).catch((error: unknown) => Promise.reject(notFound(error, id)));
    found.push({ id, path, who: isJsonObject(json) ? whoIs(json) : id });
  }
  if (!(await confirm(`${deletion(found.map(({ who }) => who))} This cannot be undone.`, invocation, io)))
    return 1;
  const deleted: string[] = [];
  for (const { id, path } of found) {
    await api.send('DELETE', path).catch((error: unknown) => Promise.reject(notFound(error, id)));
    deleted.push(id);
  }
  const result = { json: deleted, columns: ['ID'], rows: deleted.map((id) => [id]), ids: deleted };
  await writeResult(result, invocation, io);
  return 0;
};

/** More of them are counted only. */
const MOST_NAMED = 10;

function deletion(who: readonly string[]): string {
  const named = who.slice(0, MOST_NAMED).join(', ');
  const others = who.length - MOST_NAMED;
  return `Delete ${named}${others > 0 ? ` and ${others} more` : ''}, with sessions and credentials?`;
}

const identityPath = (id: string): string => `/admin/identities/${identityIdOf(id)}`;

/** The id as it was written on the command line. Throws UsageError where it is none. */
export function identityIdOf(text: string): string {
  const uuid = parseUuid(text);
  if (uuid !== undefined) return uuid;
  throw new UsageError(
    `"${text}" is not an identity id`,
    'find ids with: bia identities list --identifier TEXT',
  );
}

/** What is said where the server does not know the identity. */
export function notFound(error: unknown, id: string): unknown {
  return error instanceof AdminRefusal && error.status === 404
    ? new CommandError(`there is no identity ${id}`, 'list them with: bia identities list')
    : error;
}

function hintFor(status: number, origin: 'flags' | 'file'): string | undefined {
  if (status === 409) return 'find it with: bia identities list --identifier TEXT';
  if (status !== 400) return undefined;
  return origin === 'flags'
    ? 'add what is missing with --trait NAME=VALUE'
    : 'check the file without creating anything: bia identities validate FILE';
}

async function bodyFromFlags(invocation: Invocation, readStdin: () => Promise<string>): Promise<JsonObject> {
  const password = invocation.isOn('password-stdin') ? (await readStdin()).replace(/\r?\n$/, '') : undefined;
  if (password === '') throw new UsageError('--password-stdin: there is nothing on standard input');
  const schema = invocation.text('schema');
  const externalId = invocation.text('external-id');
  return {
    ...(schema === undefined ? {} : { schema_id: schema }),
    ...(externalId === undefined ? {} : { external_id: externalId }),
    traits: traitsFromFlags(invocation.all('trait')),
    ...(password === undefined ? {} : { credentials: { password: { config: { password } } } }),
  };
}

/** `name.first=Ada` (text) and `age:=36` (JSON) -> traits. Throws UsageError where a flag is neither. */
export function traitsFromFlags(flags: readonly string[]): JsonObject {
  return flags.reduce<JsonObject>((traits, flag) => {
    const [, name, colon, text = ''] = /^([^=:]+)(:?)=(.*)$/s.exec(flag) ?? [];
    if (name === undefined) {
      throw new UsageError(`"${flag}" is not a trait`, 'for example: --trait email=alice@example.org');
    }
    return withTrait(traits, name.split('.'), colon ? parseTrait(name, text) : text);
  }, {});
}

function withTrait(traits: JsonObject, [key = '', ...rest]: readonly string[], value: Json): JsonObject {
  const before = Object.hasOwn(traits, key) ? traits[key] : undefined;
  const inner = rest.length === 0 ? value : withTrait(isJsonObject(before) ? before : {}, rest, value);
  // Entries, since an assignment to a key such as __proto__ would be something else.
  return Object.fromEntries([...Object.entries(traits).filter(([name]) => name !== key), [key, inner]]);
}

function parseTrait(name: string, text: string): Json {
  try {
    // What JSON.parse gives is JSON.
    return JSON.parse(text) as Json;
  } catch {
    throw new UsageError(`the value of ${name}:= is not JSON`, `for plain text write: --trait ${name}=TEXT`);
  }
}
