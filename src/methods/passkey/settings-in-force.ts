// The settings of passkeys as they count, also while the method is off and nobody has named a relying party.
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Key } from '../../webauthn/keys.ts';
import {
  type AttestationPreference,
  assertionOptions,
  creationOptions,
  type ResidentKey,
  type UserVerification,
} from '../../webauthn/options.ts';
import { type RelyingParty, relyingParty } from '../../webauthn/party.ts';
import type { PasskeyConfig } from './config.ts';

export interface PasskeySettings {
  readonly party: RelyingParty;
  readonly requiresUserVerification: boolean;
  readonly creation: (of: {
    readonly challenge: string;
    readonly user: { readonly handle: string; readonly name: string };
    readonly exclude?: readonly Key[];
  }) => JsonObject;
  readonly assertion: (of: { readonly challenge: string; readonly allow?: readonly Key[] }) => JsonObject;
}

const WITH_VERIFICATION_MS = 300_000;
const WITHOUT_VERIFICATION_MS = 120_000;

export function settingsInForce({ publicUrl }: MethodDeps, { config }: PasskeyConfig): PasskeySettings {
  const { hostname } = new URL(publicUrl);
  const party = relyingParty(config?.rp ?? { id: hostname, display_name: hostname }, publicUrl);
  const selection = config?.authenticator_selection;
  const userVerification: UserVerification = selection?.user_verification ?? 'preferred';
  const residentKey: ResidentKey = selection?.resident_key ?? 'required';
  const attestation: AttestationPreference = config?.attestation.preference ?? 'none';
  const usualMs = userVerification === 'discouraged' ? WITHOUT_VERIFICATION_MS : WITH_VERIFICATION_MS;
  return {
    party,
    requiresUserVerification: userVerification === 'required',
    creation: (of) =>
      creationOptions({
        ...of,
        party,
        timeoutMs: config?.timeouts.registration ?? usualMs,
        userVerification,
        residentKey,
        attestation,
        ...(selection?.attachment ? { attachment: selection.attachment } : {}),
      }),
    assertion: (of) =>
      assertionOptions({ ...of, party, timeoutMs: config?.timeouts.login ?? usualMs, userVerification }),
  };
}
