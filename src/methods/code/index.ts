// Codes by e-mail and text message: they sign people in and up, are a second factor, recover accounts and verify addresses.
import { defineMethod } from '../../flow/method/contract.ts';
import { type CodeConfig, codeConfig } from './config.ts';
import { codeCredential } from './credential.ts';
import { codeLogin } from './login/submit.ts';
import { allMessages } from './messages.ts';
import { isChoice } from './recovery/choice.ts';
import { codeRecovery } from './recovery/submit.ts';
import { codeRegistration } from './registration/submit.ts';
import { codeVerification } from './verification/submit.ts';

export const code = defineMethod<CodeConfig>({
  name: 'code',
  order: 40,
  ranks: { login: { group: 50 }, registration: { group: 50 } },
  config: codeConfig,
  isEnabledByDefault: true,
  isEnabledBy: (_deps, config) => config.enabled || config.passwordless_enabled,
  credential: codeCredential,
  messages: allMessages,
  words: {
    section: { title: 'Sign-in codes', about: 'We send you a code each time you sign in.' },
    sends: 'Send code',
    fields: { code: 'digits' },
  },
  // The button of an address, a code, or an address to send one to says enough.
  claims: (body, flow) => {
    if (flow.kind === 'login') {
      return Boolean(body['address']) && (flow.refresh || flow.requestedAal === 'aal2');
    }
    if (flow.kind === 'verification') return body['method'] === undefined && Boolean(body['code']);
    if (flow.kind !== 'recovery') return false;
    return isChoice(flow) || (flow.state !== 'choose_method' && !body['email']);
  },
  create: (deps, config) => ({
    recovery: codeRecovery(deps, config),
    verification: codeVerification(deps, config),
    login: codeLogin(deps, config),
    // Nobody signs up with what is a second factor only.
    ...(config.passwordless_enabled ? { registration: codeRegistration(deps, config) } : {}),
  }),
});
