// A script for pages, a way out, and what administrators may ask.
import type { MethodRoute } from '../../../src/flow/method/contract.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import { notFound } from '../../../src/protocol/refusals.ts';
import { PIN } from './config.ts';

const BASE = `/self-service/methods/${PIN}`;

export function pinRoutes(deps: MethodDeps): readonly MethodRoute[] {
  return [
    {
      port: 'public',
      verb: 'GET',
      path: `${BASE}/pad.js`,
      bucket: 'high',
      handle: () =>
        Promise.resolve({ kind: 'asset', contentType: 'text/javascript; charset=utf-8', body: 'pad();\n' }),
    },
    {
      port: 'public',
      verb: 'GET',
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
      port: 'public',
      verb: 'POST',
      path: `${BASE}/ring`,
      isCsrfExempt: true,
      handle: () => Promise.resolve({ kind: 'empty' }),
    },
    {
      port: 'admin',
      verb: 'GET',
      path: `/admin/${PIN}/houses/{name}`,
      handle: (_request, { name }) => {
        if (name !== 'red') throw notFound('There is no such house.');
        return Promise.resolve({ kind: 'json', status: 200, body: { name } });
      },
    },
  ];
}
