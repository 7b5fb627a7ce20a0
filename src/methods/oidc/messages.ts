// What social sign-in says to people.
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';

const info = (id: number, text: string, context?: JsonObject): Message => ({
  id,
  text,
  type: 'info',
  ...(context ? { context } : {}),
});

const named = (provider: string, id: string): JsonObject => ({ provider, provider_id: id });

export const signInWith = (provider: string, id: string): Message =>
  info(1010002, `Sign in with ${provider}`, named(provider, id));
export const signUpWith = (provider: string, id: string): Message =>
  info(1040002, `Sign up with ${provider}`, named(provider, id));
export const continueLabel = (): Message => info(1040003, 'Continue');
export const linkLabel = (provider: string): Message => info(1050002, `Link ${provider}`, { provider });
export const unlinkLabel = (provider: string): Message => info(1050003, `Unlink ${provider}`, { provider });

export interface LinkOffer {
  readonly provider: string;
  readonly identifier: string;
  readonly newLoginUrl: string;
  /** Empty unless hints are on. */
  readonly credentialTypes: readonly string[];
  readonly providers: readonly string[];
}

/** Above the form that links: both spellings of a name are protocol, since older clients read the first one. */
export const signInToLink = (offer: LinkOffer): Message =>
  info(
    1010016,
    `You already have an account with ${offer.identifier}. Sign in once to link ${offer.provider} to it. If you can’t, recover the account first.`,
    {
      duplicateIdentifier: offer.identifier,
      duplicate_identifier: offer.identifier,
      provider: offer.provider,
      newLoginUrl: offer.newLoginUrl,
      new_login_url: offer.newLoginUrl,
      available_credential_types: offer.credentialTypes,
      available_providers: offer.providers,
    },
  );
export const signInAndLink = (): Message => info(1010017, 'Sign in and link');
export const confirmWith = (provider: string): Message =>
  info(1010018, `Confirm with ${provider}`, { provider });

/** For the catalogue of messages. */
export const allMessages = {
  signInWith: signInWith('Example', 'example'),
  signUpWith: signUpWith('Example', 'example'),
  continueLabel: continueLabel(),
  linkLabel: linkLabel('Example'),
  unlinkLabel: unlinkLabel('Example'),
  signInToLink: signInToLink({
    provider: 'Example',
    identifier: 'ada@example.com',
    newLoginUrl: 'https://example.com/login',
    credentialTypes: [],
    providers: [],
  }),
  signInAndLink: signInAndLink(),
  confirmWith: confirmWith('Example'),
};
