// Backup codes as second factor: twelve that are each good once.
import { defineMethod } from '../../flow/method/contract.ts';
import { Type } from '../../schema/typebox.ts';
import { lookupCredential, NAME } from './credential.ts';
import { lookupLogin } from './login.ts';
import { allMessages } from './messages.ts';
import { lookupSettings } from './settings.ts';
import { suggestCodes } from './suggest.ts';

const BUTTONS = ['reveal', 'regenerate', 'confirm', 'disable'].map((name) => `${NAME}_${name}`);

export const lookupSecret = defineMethod<unknown>({
  name: NAME,
  order: 90,
  ranks: {
    login: { group: 80 },
    settings: {
      group: 40,
      keys: [
        'lookup_secret_reveal',
        'lookup_secret_regenerate',
        'lookup_secret_codes',
        'lookup_secret_confirm',
      ],
    },
  },
  config: Type.Object({}),
  isEnabledByDefault: false,
  credential: lookupCredential,
  messages: allMessages,
  words: {
    section: {
      title: 'Backup codes',
      about: 'One-time codes to sign in with when you can’t use your other second step.',
    },
    fields: { [NAME]: 'exact' },
  },
  // Each button says enough.
  claims: (body, flow) => flow.kind === 'settings' && BUTTONS.some((name) => Boolean(body[name])),
  create: (deps) => ({
    login: lookupLogin(deps),
    settings: lookupSettings(deps),
    suggest: suggestCodes,
  }),
});
