// LinkedIn, in its older API and as an OpenID provider.
import { isJsonObject, type Json, type JsonObject } from '../../../lib/json.ts';
import { bearer } from '../endpoint-calls.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import { createOpenIdProvider } from '../openid.ts';
import type { ProviderMaker } from '../provider.ts';

const PROFILE =
  'https://api.linkedin.com/v2/me?projection=(id,localizedLastName,localizedFirstName,profilePicture(displayImage~:playableStreams))';
const EMAIL = 'https://api.linkedin.com/v2/emailAddress?q=members&projection=(elements*(handle~))';

export const linkedin: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => 'https://www.linkedin.com/oauth/v2/authorization',
    token: () => 'https://www.linkedin.com/oauth/v2/accessToken',
    profile: async ({ service, accessToken }) => {
      const user = await service.get(PROFILE, bearer(accessToken));
      const email = config.scope.includes('r_emailaddress')
        ? emailOf(await service.get(EMAIL, bearer(accessToken)))
        : undefined;
      const [given, family] = [textOf(user, 'localizedFirstName'), textOf(user, 'localizedLastName')];
      return {
        iss: 'https://login.linkedin.com/',
        sub: textOf(user, 'id'),
        name: [given, family].filter((one) => one !== undefined).join(' '),
        given_name: given,
        family_name: family,
        last_name: family,
        picture: pictureOf(user),
        email,
      };
    },
  });

export const linkedinV2: ProviderMaker = (config, deps) =>
  createOpenIdProvider(config, deps, {
    issuer: () => 'https://www.linkedin.com/oauth',
    clientAuth: 'post',
    claimsSource: 'userinfo',
    ignoresNonce: true,
  });

const itemsOf = (value: Json | undefined, name: string): readonly Json[] => {
  const items = isJsonObject(value) ? value[name] : undefined;
  return Array.isArray(items) ? items : [];
};

function emailOf(answer: JsonObject): string | undefined {
  const [first] = itemsOf(answer, 'elements');
  const handle = isJsonObject(first) ? first['handle~'] : undefined;
  return isJsonObject(handle) ? textOf(handle, 'emailAddress') : undefined;
}

/** The largest one comes last. */
function pictureOf(user: JsonObject): string | undefined {
  const picture = isJsonObject(user['profilePicture']) ? user['profilePicture']['displayImage~'] : undefined;
  const [identifier] = itemsOf(itemsOf(picture, 'elements').at(-1), 'identifiers');
  return isJsonObject(identifier) ? textOf(identifier, 'identifier') : undefined;
}
