// The person's traits: the first step of a two-step registration, and the profile section of settings.

import { defineMethod } from '../../flow/method/contract.ts';
import { Type } from '../../schema/typebox.ts';
import { allMessages } from './messages.ts';
import { profileRegistration } from './registration.ts';
import { profileSettings } from './settings.ts';

export const profile = defineMethod<object>({
  name: 'profile',
  order: 10,
  ranks: { registration: { group: 90 }, settings: { group: 10 } },
  config: Type.Object({}),
  isEnabledByDefault: true,
  isAlwaysInRegistration: true,
  messages: allMessages,
  words: {
    section: { title: 'Profile', about: 'Your name and contact details.', save: 'Save profile' },
    signUp: 'Continue',
  },
  claims: (body, flow) =>
    flow.kind === 'registration' && (body['screen'] !== undefined || body['method'] === 'profile:back'),
  create: (deps) => ({
    ...(deps.registrationStyle === 'profile_first' ? { registration: profileRegistration } : {}),
    settings: profileSettings,
  }),
});
