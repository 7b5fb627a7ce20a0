// Credentials that come from other systems -> credentials as they are stored. May hash, so never inside a transaction.

import type { IdentityId } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { badRequest } from '../../protocol/refusals.ts';
import type { CredentialDraft } from '../assemble.ts';
import type { AdministrationDeps } from './administration.ts';

/** A credential as administrators hand it in. */
export interface GivenCredential {
  readonly type: string;
  readonly config: JsonObject;
}

/** Throws 400 for what cannot be taken over: a credential that was lost on the way would lock its person out. */
export async function importCredentials(
  deps: Pick<AdministrationDeps, 'credentialRules'>,
  given: readonly GivenCredential[],
  of: { readonly identityId: IdentityId },
): Promise<readonly CredentialDraft[]> {
  const drafts: CredentialDraft[] = [];
  for (const { type, config } of given) {
    const rules = deps.credentialRules.find((rule) => rule.name === type);
    if (!rules?.importCredential) throw badRequest(`Credentials of type "${type}" cannot be imported here.`);
    drafts.push({ type, ...(await naming(`credentials.${type}`, rules.importCredential(config, of))) });
  }
  return drafts;
}

/** True where the credential holds a password that has still to be hashed. */
export function isClearPassword({ config }: GivenCredential): boolean {
  return typeof config['password'] === 'string' && config['password'] !== '';
}

async function naming<T>(place: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    throw badRequest(`${place}: ${error.reason ?? error.message}`);
  }
}
