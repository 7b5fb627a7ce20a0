// A method that only tests have: people sign in with a number, or at a house that knows them. Written against the contract alone.
import { Type } from 'typebox';
import { defineMethod } from '../../../src/flow/method/contract.ts';
import { badRequest } from '../../../src/protocol/refusals.ts';
import { PIN, type PinConfig, pinConfig, SEALED, storedHash, storedKeys } from './config.ts';
import { CALLBACK, returnToLogin, returnToRegistration, returnToSettings } from './house.ts';
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
      return config.factor === 'first'
        ? { first: usable + storedKeys(credential).length, second: 0 }
        : { first: 0, second: usable };
    },
    isSecondFactor: ({ config }) => config.factor === 'second',
    sealed: SEALED,
    providers: (credential) => storedKeys(credential).map(() => 'house'),
    fromImport: async ({ pin: clear, hint }, { hasher }) => {
      if (typeof clear !== 'string') throw badRequest('"pin" must be text.');
      const hashed = await hasher.hash(clear);
      return { config: { hashed_pin: hashed, ...(hint === undefined ? {} : { hint }) } };
    },
    removal: 'unless-last',
  },
  messages,
  words: {
    section: { title: 'Your number', about: 'A number that only you know.' },
    fields: { pin: 'digits' },
  },
  claims: (body, { kind }) => kind !== 'recovery' && kind !== 'verification' && body['house'] !== undefined,
  create: (deps, { config }) => ({
    login: pinLogin(deps, config),
    ...(config.factor === 'first' ? { registration: pinRegistration(deps, config) } : {}),
    settings: pinSettings(deps, config),
    callback: {
      paths: [CALLBACK],
      login: (at) => returnToLogin(deps, at),
      registration: (at) => returnToRegistration(deps, at),
      settings: (at) => returnToSettings(deps, at),
    },
    routes: pinRoutes(deps),
  }),
});
