// `bia remote status | version`: what a running server says of itself.
import { isJsonObject } from '../../lib/json.ts';
import { createAdminApi } from '../admin-api.ts';
import type { Handler } from '../line/command.ts';
import { refuseUnknownFormat, writeResult } from '../line/result.ts';
import { textOf } from './identities/table.ts';

export const remoteStatus: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const isAlive = (await api.status('/health/alive')) === 200;
  const isReady = (await api.status('/health/ready')) === 200;
  await writeResult(
    {
      json: { alive: isAlive, ready: isReady },
      columns: ['ALIVE', 'READY'],
      rows: [[String(isAlive), String(isReady)]],
      ids: [],
      isSingle: true,
    },
    invocation,
    io,
  );
  return isAlive && isReady ? 0 : 1;
};

export const remoteVersion: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const { json } = await api.get('/version');
  const version = isJsonObject(json) ? textOf(json['version']) : '';
  await writeResult(
    { json: { version }, columns: ['VERSION'], rows: [[version]], ids: [version], isSingle: true },
    invocation,
    io,
  );
  return 0;
};
