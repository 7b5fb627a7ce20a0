// Links by e-mail: whoever follows one has shown that the address is theirs.
import { defineMethod } from '../../flow/method/contract.ts';
import { type LinkConfig, linkConfig } from './config.ts';
import { allMessages } from './messages.ts';
import { linkProof } from './prove-address.ts';

export const link = defineMethod<LinkConfig>({
  name: 'link',
  order: 50,
  ranks: {},
  config: linkConfig,
  isEnabledByDefault: false,
  messages: allMessages,
  words: { sends: 'Send link' },
  claims: (body, flow) =>
    (flow.kind === 'recovery' || flow.kind === 'verification') && Boolean(body['token']),
  create: (deps, config) => ({
    recovery: linkProof(deps, config, 'recovery'),
    verification: linkProof(deps, config, 'verification'),
  }),
});
