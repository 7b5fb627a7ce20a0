// A one-time secret that nobody is written to: an administrator hands it over.
import type { FullIdentity } from '../../identity/identity.ts';
import type { Flow } from '../flow.ts';
import type { Issued } from '../method/contract.ts';
import type { MethodDeps } from '../method/method-deps.ts';
import type { FlowPatch } from '../method/outcome.ts';
import { issueSecret, type SecretKind } from './one-time-secret.ts';

/** Makes a secret for the recovery of a person. Nothing is stored before its effect runs. */
export function recoverySecretByHand(
  deps: Pick<MethodDeps, 'clock' | 'secretKeys'>,
  of: {
    readonly kind: SecretKind;
    readonly flow: Flow;
    readonly identity: FullIdentity;
    readonly lifespanMs: number;
    readonly patch: FlowPatch;
  },
): Issued {
  const { value, secret } = issueSecret(
    {
      kind: of.kind,
      purpose: 'recovery',
      flowId: of.flow.id,
      identityId: of.identity.id,
      address: '',
      via: 'email',
      nowMs: deps.clock.nowMs(),
      lifespanMs: of.lifespanMs,
    },
    deps.secretKeys,
  );
  return {
    value,
    expiresAtMs: secret.expiresAtMs,
    patch: of.patch,
    effect: async (stores) => {
      await stores.secrets.insert(secret);
      return true;
    },
  };
}
