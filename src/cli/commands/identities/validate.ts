// `bia identities validate`: files against the identity schemas of the server, without creating anything.

import { validateTraits } from '../../../identity/validate.ts';
import { isJsonObject, type Json } from '../../../lib/json.ts';
import { createOutbound } from '../../../outbound/outbound.ts';
import { readSource } from '../../../outbound/source.ts';
import { ApiError } from '../../../protocol/api-error.ts';
import { createSchemaRegistry, type SchemaRegistry } from '../../../schema/load.ts';
import { type AdminApi, createAdminApi, readPages } from '../../admin-api.ts';
import { CommandError, type Handler, type Io } from '../../line/command.ts';
import { refuseUnknownFormat, writeResult } from '../../line/result.ts';
import { readIdentities } from './files.ts';
import { asRequest, identityShapeFaults } from './shape.ts';
import { textOf } from './table.ts';

interface Fault {
  readonly source: string;
  readonly reason: string;
}

export const validateIdentities: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const schemas = await schemasOfServer(api, io);
  const faults: Fault[] = [];
  let count = 0;
  for await (const { source, value: written, fault } of readIdentities(invocation.positionals, io)) {
    count += 1;
    const value = asRequest(written);
    const shape = fault === undefined ? identityShapeFaults(value) : [fault];
    const reasons = shape.length > 0 ? shape : traitFaults(value, schemas);
    faults.push(...reasons.map((reason) => ({ source, reason })));
  }
  for (const { source, reason } of faults) io.err(`${source}: ${reason}\n`);
  const isFine = faults.length === 0;
  if (isFine && invocation.text('format') === 'table' && !invocation.isOn('quiet')) {
    io.out('All identity files are valid.\n');
    return 0;
  }
  await writeResult(
    {
      json: {
        valid: isFine,
        checked: count,
        faults: faults.map(({ source, reason }) => ({ source, reason })),
      },
      columns: ['CHECKED', 'FAULTS'],
      rows: [[String(count), String(faults.length)]],
      ids: [],
      isSingle: true,
    },
    invocation,
    io,
  );
  return isFine ? 0 : 1;
};

async function schemasOfServer(api: AdminApi, io: Io): Promise<SchemaRegistry> {
  const { items } = await readPages(api, { path: '/schemas', query: { page_size: '250' }, isAll: true });
  const texts = new Map(items.map(({ id, schema }) => [textOf(id), JSON.stringify(schema)]));
  const [first] = texts.keys();
  if (first === undefined) throw new CommandError(`${api.endpoint} has no identity schemas`);
  const outbound = createOutbound();
  return createSchemaRegistry({
    schemas: [...texts.keys()].map((id) => ({ id, url: `base64://${id}`, isSelectable: false })),
    defaultId: first,
    readSource: (url) => Promise.resolve(texts.get(url.slice('base64://'.length)) ?? ''),
    readReference: (url) => readSource(url, (address) => outbound.request(address, { redirects: 3 })),
    clock: { nowMs: io.nowMs },
  });
}

function traitFaults(value: Json, schemas: SchemaRegistry): readonly string[] {
  if (!isJsonObject(value) || !isJsonObject(value['traits'])) return [];
  const named = textOf(value['schema_id']);
  const ids = schemas.sources.map(({ id }) => id);
  // The server knows its default, but does not tell it.
  if (named === '' && ids.length > 1) return [`schema_id is missing; there are ${ids.join(', ')}`];
  try {
    const schema = named === '' ? schemas.get() : schemas.find(named);
    if (!schema) return [`there is no schema "${named}"; there are ${ids.join(', ')}`];
    const check = validateTraits(schema, value['traits']);
    return check.ok ? [] : check.problems.map(({ at, message }) => `${at ? `${at}: ` : ''}${message.text}`);
  } catch (error) {
    if (error instanceof ApiError) return [error.reason ?? error.message];
    throw error;
  }
}
