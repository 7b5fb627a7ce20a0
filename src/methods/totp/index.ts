// Codes of an authenticator app as second factor.
import { defineMethod } from '../../flow/method/contract.ts';
import { type TotpConfig, totpConfig } from './config.ts';
import { NAME, totpCredential } from './credential.ts';
import { totpLogin } from './login.ts';
import { allMessages } from './messages.ts';
import { totpSettings } from './settings.ts';

export const totp = defineMethod<TotpConfig>({
  name: NAME,
  order: 60,
  ranks: {
    login: { group: 70 },
    settings: { group: 70, keys: ['totp_qr', 'totp_secret_key', 'totp_unlink', 'totp_code'] },
  },
  config: totpConfig,
  isEnabledByDefault: false,
  credential: totpCredential,
  messages: allMessages,
  words: {
    section: {
      title: 'Authenticator app',
      about: 'Confirm sign-ins with a code from an app on your phone.',
      save: 'Turn on',
    },
    fields: { totp_code: 'digits' },
  },
  // The button that removes the app says enough.
  claims: (body, flow) => flow.kind === 'settings' && Boolean(body['totp_unlink']),
  create: (deps, config) => ({ login: totpLogin(deps), settings: totpSettings(deps, config) }),
});
