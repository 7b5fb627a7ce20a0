// Microsoft Entra ID: an issuer for each tenant, and a choice of where the subject comes from.
import type { ProviderConfig } from '../config.ts';
import { bearer } from '../endpoint-calls.ts';
import { claimsFault, idTokenFault, textOf } from '../fault.ts';
import { type ClaimsContext, createOpenIdProvider } from '../openid.ts';
import type { ProviderMaker } from '../provider.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The tenant in which all personal accounts live. */
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';

export const microsoft: ProviderMaker = (config, deps) =>
  createOpenIdProvider(config, deps, {
    issuer: () =>
      `https://login.microsoftonline.com/${encodeURIComponent(config.microsoft_tenant ?? '')}/v2.0`,
    clientAuth: 'post',
    claims: async (raw, context) => {
      requireTenant(textOf(raw, 'tid'), config);
      return { ...raw, sub: await subjectOf(textOf(raw, 'oid'), textOf(raw, 'sub'), context) };
    },
  });

/** `common` takes everybody; a single tenant takes its own people only. */
function requireTenant(tenant: string | undefined, config: ProviderConfig): void {
  const wanted = config.microsoft_tenant ?? '';
  if (!tenant || !UUID.test(tenant)) throw idTokenFault('The id_token names no tenant.');
  const isOther = UUID.test(wanted) && wanted.toLowerCase() !== tenant.toLowerCase();
  const isPersonal = tenant.toLowerCase() === CONSUMERS;
  if (isOther || (wanted === 'organizations' && isPersonal) || (wanted === 'consumers' && !isPersonal)) {
    throw idTokenFault('The account belongs to another tenant.');
  }
}

async function subjectOf(
  objectId: string | undefined,
  subject: string | undefined,
  { config, accessToken, service }: ClaimsContext,
): Promise<string> {
  const found =
    config.subject_source === 'oid'
      ? objectId
      : config.subject_source === 'me'
        ? textOf(await service.get('https://graph.microsoft.com/v1.0/me', bearer(accessToken)), 'id')
        : subject;
  if (!found) throw claimsFault('Microsoft names no subject.');
  return found;
}
