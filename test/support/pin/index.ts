// A method that only tests have: people sign in with a number. One folder, written against the contract alone.
import { Type } from 'typebox';
import { defineMethod } from '../../../src/flow/method/contract.ts';
import { badRequest } from '../../../src/protocol/refusals.ts';
import { PIN, type PinConfig, pinConfig, storedHash } from './config.ts';
import { pinLogin } from './login.ts';
import { messages } from './messages.ts';
import { pinRegistration } from './registration.ts';
import { pinRoutes } from './routes.ts';
import { pinSettings } from './settings.ts';

export const pin = defineMethod<PinConfig>({
  name: PIN,
  order: 70,
  ranks: {
    login: { group: 70, keys: [PIN] },
    registration: { group: 70, keys: [PIN] },
    settings: { group: 70 },
  },
  config: Type.Object({ config: pinConfig }),
  isEnabledByDefault: false,
  credential: {
    count: (credential, { config }) => {
      const usable = storedHash(credential) === undefined ? 0 : 1;
      return config.factor === 'first' ? { first: usable, second: 0 } : { first: 0, second: usable };
    },
    isSecondFactor: ({ config }) => config.factor === 'second',
    fromImport: async ({ pin: clear }, { hasher }) => {
      if (typeof clear !== 'string') throw badRequest('"pin" must be text.');
      return { config: { hashed_pin: await hasher.hash(clear) } };
    },
    removal: 'unless-last',
  },
  messages,
  create: (deps, { config }) => ({
    login: pinLogin(deps, config),
    ...(config.factor === 'first' ? { registration: pinRegistration(deps, config) } : {}),
    settings: pinSettings(deps, config),
    routes: pinRoutes(deps),
  }),
});
