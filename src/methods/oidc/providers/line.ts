// LINE: OpenID Connect whose id_tokens are signed with a public key only when asked for.
import { createOpenIdProvider } from '../openid.ts';
import type { ProviderMaker } from '../provider.ts';

export const line: ProviderMaker = (config, deps) =>
  createOpenIdProvider(config, deps, {
    issuer: () => 'https://access.line.me',
    clientAuth: 'post',
    tokenParams: { id_token_key_type: 'JWK' },
  });
