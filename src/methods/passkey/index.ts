// Passkeys: keys that say by themselves whose they are.
import { defineMethod } from '../../flow/method/contract.ts';
import { keyRoutes } from '../../webauthn/routes.ts';
import { type PasskeyConfig, passkeyConfig } from './config.ts';
import { NAME, passkeyCredential } from './credential.ts';
import { passkeyLogin } from './login.ts';
import { allMessages } from './messages.ts';
import { passkeyRegistration } from './registration.ts';
import { passkeySettings } from './settings.ts';
import { settingsInForce } from './settings-in-force.ts';
import { suggestPasskey } from './suggest.ts';

export const passkey = defineMethod<PasskeyConfig>({
  name: NAME,
  order: 70,
  ranks: {
    login: { group: 40 },
    registration: { group: 40 },
    settings: { group: 60, keys: ['passkey_remove', 'passkey_register'] },
  },
  config: passkeyConfig,
  isEnabledByDefault: false,
  credential: passkeyCredential,
  messages: allMessages,
  words: {
    section: {
      title: 'Passkeys',
      about: 'Sign in with your fingerprint, face or screen lock instead of a password.',
    },
  },
  claims: (body, flow) => {
    const isGiven = (name: string): boolean => Boolean(body[name]) && body[name] !== 'true';
    if (flow.kind === 'login') return isGiven('passkey_login');
    if (flow.kind === 'registration') return isGiven('passkey_register');
    return flow.kind === 'settings' && (isGiven('passkey_settings_register') || isGiven('passkey_remove'));
  },
  create: (deps, config) => {
    const settings = settingsInForce(deps, config);
    return {
      login: passkeyLogin(deps, settings),
      registration: passkeyRegistration(deps, settings),
      settings: passkeySettings(deps, settings),
      routes: keyRoutes(settings.party),
      suggest: ({ identity, session }) => suggestPasskey(deps, config, { identity, session }),
    };
  },
});
