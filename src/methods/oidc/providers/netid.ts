// netID: claims by userinfo, and tokens of its FedCM prompt that are exchanged for an id_token.
import { toClaims } from '../claims.ts';
import { basic, bearer, createService } from '../endpoint-calls.ts';
import { claimsFault, nativeFault, textOf } from '../fault.ts';
import { nativeVerifier } from '../native.ts';
import { createOpenIdProvider } from '../openid.ts';
import type { ProviderMaker } from '../provider.ts';

const BROKER = 'https://broker.netid.de';

export const netid: ProviderMaker = (config, deps) => {
  const service = createService(deps.outbound);
  const native = nativeVerifier(config, deps, {
    issuer: BROKER,
    keysUrl: `${BROKER}/.well-known/jwks.json`,
    isNonceOptional: () => false,
  });
  const provider = createOpenIdProvider(config, deps, {
    issuer: () => BROKER,
    claimsSource: 'userinfo',
  });

  return {
    ...provider,
    verifyIdToken: async (fedcmToken, nonce) => {
      const headers = {
        ...basic(config.client_id, config.client_secret ?? ''),
        ...(config.net_id_token_origin_header ? { origin: config.net_id_token_origin_header } : {}),
      };
      const fields = { grant_type: 'netid_fedcm', fedcm_token: fedcmToken };
      const answer = await service.form(`${BROKER}/token`, fields, headers).catch((error: unknown) => {
        throw nativeFault('netID did not accept the token.', error);
      });
      const [idToken, accessToken] = [textOf(answer, 'id_token'), textOf(answer, 'access_token')];
      if (!idToken || !accessToken) {
        throw nativeFault('netID sent no id_token.');
      }
      const signed = await native(idToken, nonce);
      const info = await service.get(`${BROKER}/userinfo`, bearer(accessToken));
      if (info['sub'] !== signed.sub) throw claimsFault('netID returned a different subject.');
      const claims = toClaims({ ...info, iss: signed.iss, sub: signed.sub });
      if (!claims) throw claimsFault('netID names no subject.');
      return claims;
    },
  };
};
