// Identifier-first login: one field, then the ways to sign in that this account has.

import { defineMethod } from '../../flow/method/contract.ts';
import { Type } from '../../schema/typebox.ts';
import { identifierFirstLogin } from './login.ts';
import { allMessages } from './messages.ts';

export const identifierFirst = defineMethod<object>({
  name: 'identifier_first',
  order: 1000,
  ranks: {},
  config: Type.Object({}),
  isEnabledByDefault: false,
  isEnabledBy: (deps) => deps.loginStyle === 'identifier_first',
  messages: allMessages,
  // It is asked last and takes what nobody else wanted.
  claims: (_body, flow) => flow.kind === 'login',
  create: (deps) => ({ login: identifierFirstLogin(deps) }),
});
