// A recovery code: made and sent, and the answer to it.

import type { Flow } from '../../../flow/flow.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type Continue, type Effect, type ProofOutcome, rejected } from '../../../flow/method/outcome.ts';
import type { OneTimeSecret } from '../../../flow/secret/one-time-secret.ts';
import { prepareNotice, queueMessage } from '../../../flow/secret/secret-message.ts';
import type { Snapshot } from '../../../identity/change/snapshot.ts';
import type { FullIdentity } from '../../../identity/identity.ts';
import * as core from '../../../protocol/messages.ts';
import { findCode, USED_ALREADY } from '../check.ts';
import type { CodeConfig } from '../config.ts';
import * as messages from '../messages.ts';
import { prepareCode } from '../send.ts';
import type { RecoveryAsked } from './body.ts';

/**
 * The writes of sending a code. For an address that nobody has, a code is made and kept as well, and belongs to nobody: known
 * and unknown addresses cost the same and guess alike.
 */
export async function sendRecoveryCode(
  deps: MethodDeps,
  config: CodeConfig,
  of: {
    readonly flow: Flow;
    readonly request: RecoveryAsked['request'];
    readonly identity: FullIdentity | undefined;
    readonly address: string;
    readonly via: 'email' | 'sms';
  },
): Promise<Effect> {
  const { flow, identity } = of;
  const { secret, message } = await prepareCode(deps, {
    ...of,
    purpose: 'recovery',
    templateName: 'recovery_code_valid',
    lifespanMs: config.config.lifespan,
    data: (code) => ({ recovery_code: code }),
  });
  const isNoticed = !identity && of.via === 'email' && deps.notifiesUnknown.recovery;
  const notice = isNoticed
    ? await prepareNotice(deps, { ...of, templateName: 'recovery_code_invalid' })
    : undefined;
  const queued = identity ? message : notice;
  return async (stores) => {
    await stores.secrets.replace(flow.id, 'recovery', [secret]);
    await queueMessage(stores, queued ?? message, queued !== undefined);
    return true;
  };
}

/** The answer to a code: wrong ones leave the flow as it is, with status 200 (docs/protocol/http.md 2.9). */
export async function proveByCode(
  deps: MethodDeps,
  { flow, body: { code = '' } }: RecoveryAsked,
): Promise<ProofOutcome> {
  if (flow.state === 'passed_challenge') return { kind: 'restart', message: core.generic(USED_ALREADY) };
  if (code === '') return rejected(core.required('code'), 'code');
  const secret = await findCode(deps, { flow, purpose: 'recovery', code });
  const identity = secret && (await ownerOf(deps, secret));
  if (!secret || !identity) {
    return wrong;
  }
  return {
    kind: 'proven',
    identity,
    // A code that an administrator made proves no address.
    address: secret.address === '' ? undefined : { via: secret.via, value: secret.address },
    proof: { method: 'code_recovery', aal: 'aal1' },
    effect: (stores) => stores.secrets.consume(secret.id),
    ifStale: wrong,
  };
}

const wrong: Continue = {
  kind: 'continue',
  patch: { messages: [messages.wrongRecoveryCode()] },
  jsonStatus: 200,
};

async function ownerOf(deps: MethodDeps, secret: OneTimeSecret): Promise<Snapshot | undefined> {
  return secret.identityId && deps.database.stores.identities.findFull(secret.identityId);
}
