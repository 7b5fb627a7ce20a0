// A script for pages, a way out, and a door that signs in without the form, as a provider's callback does.

import type { MethodRoute } from '../../../src/flow/method/contract.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import { type FlowId, parseUuid } from '../../../src/lib/ids.ts';
import { notFound } from '../../../src/protocol/refusals.ts';
import { lookupForms } from '../../../src/schema/normalise.ts';
import { PIN } from './config.ts';
import { checkPin } from './login.ts';

const BASE = `/self-service/methods/${PIN}`;

export function pinRoutes(deps: MethodDeps): readonly MethodRoute[] {
  return [
    {
      method: 'GET',
      path: `${BASE}/pad.js`,
      bucket: 'high',
      handle: () =>
        Promise.resolve({ kind: 'asset', contentType: 'text/javascript; charset=utf-8', body: 'pad();\n' }),
    },
    {
      method: 'GET',
      path: `${BASE}/forgotten`,
      bucket: 'high',
      handle: () =>
        Promise.resolve({
          kind: 'redirect',
          to: `${deps.publicUrl}self-service/recovery/browser`,
          status: 303,
        }),
    },
    {
      method: 'GET',
      path: `${BASE}/callback/{flow}`,
      bucket: 'low',
      handle: async ({ query }, params) => {
        const { flows, identities } = deps.database.stores;
        const id = parseUuid<FlowId>(params['flow']);
        const flow = id && (await flows.find('login', id));
        if (flow?.type !== 'api') throw notFound('There is no such flow.');
        const person = await identities.findFullByIdentifier(lookupForms(query.get('who') ?? ''), PIN);
        const outcome = await checkPin(deps, person, { typed: query.get('pin') ?? '', aal: 'aal1' });
        return { kind: 'login', flow, outcome };
      },
    },
  ];
}
