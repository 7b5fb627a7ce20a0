// The settings of security keys as they count, also while the method is off and nobody has named a relying party.
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type RelyingParty, relyingParty } from '../../webauthn/party.ts';
import type { WebauthnConfig } from './config.ts';

export interface WebauthnSettings {
  readonly isPasswordless: boolean;
  readonly party: RelyingParty;
}

export function settingsInForce({ publicUrl }: MethodDeps, { config }: WebauthnConfig): WebauthnSettings {
  const { hostname } = new URL(publicUrl);
  const rp = config?.rp ?? { id: hostname, display_name: hostname };
  return { isPasswordless: config?.passwordless === true, party: relyingParty(rp, publicUrl) };
}
