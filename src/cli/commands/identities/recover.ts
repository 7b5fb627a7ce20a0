// `bia identities recover`: a code or link for somebody who has lost every way in.
import { isJsonObject } from '../../../lib/json.ts';
import { AdminRefusal, createAdminApi } from '../../admin-api.ts';
import { CommandError, type Handler } from '../../line/command.ts';
import { refuseUnknownFormat, writeResult } from '../../line/result.ts';
import { identityIdOf, notFound } from './identities.ts';
import { textOf } from './table.ts';

export const recoverIdentity: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const [id = ''] = invocation.positionals;
  const isLink = invocation.isOn('link');
  const expiresIn = invocation.text('expires-in');
  const returnTo = invocation.text('return-to');
  const query = returnTo === undefined ? '' : `?return_to=${encodeURIComponent(returnTo)}`;
  const identityId = identityIdOf(id);
  // A link for nobody is answered with 400, like other mistakes; so the question is asked apart.
  const explained = (error: unknown): Promise<never> => Promise.reject(notFound(error, id));
  await api.get(`/admin/identities/${identityId}`).catch(explained);
  const { json } = await api
    .send('POST', `/admin/recovery/${isLink ? 'link' : 'code'}${query}`, {
      identity_id: identityId,
      ...(expiresIn === undefined ? {} : { expires_in: expiresIn }),
    })
    .catch((error: unknown) => {
      if (!(error instanceof AdminRefusal) || error.status !== 404) throw error;
      throw new CommandError(
        `the server does not recover accounts by ${isLink ? 'link' : 'code'}`,
        'see selfservice.flows.recovery.enabled and selfservice.methods in its configuration',
      );
    });
  const made = isJsonObject(json) ? json : {};
  const [link, expiresAt] = [textOf(made['recovery_link']), textOf(made['expires_at'])];
  const code = textOf(made['recovery_code']);
  await writeResult(
    {
      json: made,
      columns: isLink ? ['LINK', 'EXPIRES AT'] : ['CODE', 'LINK', 'EXPIRES AT'],
      rows: [isLink ? [link, expiresAt] : [code, link, expiresAt]],
      ids: [isLink ? link : code],
      isSingle: true,
    },
    invocation,
    io,
  );
  return 0;
};
