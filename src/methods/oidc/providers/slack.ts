// Slack: who a person is in a team; Slack has verified the address.
import { isJsonObject, type JsonObject } from '../../../lib/json.ts';
import { bearer } from '../endpoint-calls.ts';
import { claimsFault, textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

export const slack: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => 'https://slack.com/oauth/authorize',
    token: () => 'https://slack.com/api/oauth.access',
    scopeSeparator: ',',
    needsAllScopes: true,
    profile: async ({ service, accessToken }) => {
      const answer = await service.get('https://slack.com/api/users.identity', bearer(accessToken));
      const user = member(answer, 'user');
      const email = textOf(user, 'email');
      return {
        iss: 'https://slack.com/oauth/',
        sub: textOf(user, 'id'),
        name: user['name'],
        nickname: user['name'],
        preferred_username: user['name'],
        picture: user['image_512'],
        team: textOf(isJsonObject(answer['team']) ? answer['team'] : undefined, 'id'),
        ...(email ? { email, email_verified: true } : {}),
      };
    },
  });

/** Slack says with status 200 that something is wrong. */
function member(answer: JsonObject, name: string): JsonObject {
  const value = answer[name];
  if (answer['ok'] === false || !isJsonObject(value)) throw claimsFault('Slack did not say who this is.');
  return value;
}
