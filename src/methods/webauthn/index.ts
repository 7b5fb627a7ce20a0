// Security keys, as second factor or instead of a password.
import { defineMethod } from '../../flow/method/contract.ts';
import { keyRoutes } from '../../webauthn/routes.ts';
import { type WebauthnConfig, webauthnConfig } from './config.ts';
import { NAME, webauthnCredential } from './credential.ts';
import { webauthnLogin } from './login.ts';
import { allMessages } from './messages.ts';
import { webauthnRegistration } from './registration.ts';
import { webauthnSettings } from './settings.ts';
import { settingsInForce } from './settings-in-force.ts';

const KEYS = ['webauthn_remove', 'webauthn_register_displayname', 'webauthn_register'];

export const webauthn = defineMethod<WebauthnConfig>({
  name: NAME,
  order: 80,
  ranks: {
    login: { group: 30 },
    registration: { group: 30, keys: KEYS },
    settings: { group: 50, keys: KEYS },
  },
  config: webauthnConfig,
  isEnabledByDefault: false,
  credential: webauthnCredential,
  messages: allMessages,
  words: {
    section: {
      title: 'Security keys',
      about: 'Sign in with a USB, NFC or Bluetooth security key.',
    },
  },
  claims: (body, flow) => {
    if (flow.kind === 'login') return Boolean(body['webauthn_login']);
    if (flow.kind === 'registration') return Boolean(body['webauthn_register']);
    return flow.kind === 'settings' && Boolean(body['webauthn_register'] || body['webauthn_remove']);
  },
  create: (deps, config) => {
    const settings = settingsInForce(deps, config);
    return {
      login: webauthnLogin(deps, settings),
      ...(settings.isPasswordless ? { registration: webauthnRegistration(deps, settings) } : {}),
      settings: webauthnSettings(deps, settings),
      routes: keyRoutes(settings.party),
    };
  },
});
