// Codes by e-mail and text message: they recover accounts and verify addresses.
import { defineMethod } from '../../flow/method.ts';
import { type CodeConfig, codeConfig } from './config.ts';
import { allMessages } from './messages.ts';
import { codeRecovery } from './recovery.ts';
import { isChoice } from './recovery-choice.ts';
import { codeVerification } from './verification.ts';

export const code = defineMethod<CodeConfig>({
  name: 'code',
  order: 40,
  ranks: { login: { group: 50 }, registration: { group: 50 } },
  config: codeConfig,
  isEnabledByDefault: true,
  isEnabledBy: (_deps, config) => config.enabled || config.passwordless_enabled,
  messages: allMessages,
  // In recovery and verification a code, or an address to send one to, says enough.
  claims: (body, flow) => {
    if (flow.kind === 'verification') return body['method'] === undefined && Boolean(body['code']);
    if (flow.kind !== 'recovery') return false;
    return isChoice(flow) || (flow.state !== 'choose_method' && !body['email']);
  },
  create: (deps, config) => ({
    recovery: codeRecovery(deps, config),
    verification: codeVerification(deps, config),
  }),
});
