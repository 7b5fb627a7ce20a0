// Methods of the protocol that are not built: described in a configuration they are accepted, switched on they are refused.

/** One that is registered, here or by a program that embeds Bia, is not absent any more. */
export const ABSENT_METHODS: readonly string[] = [
  'totp',
  'lookup_secret',
  'webauthn',
  'passkey',
  'saml',
  'b2b',
  'captcha',
  'deviceauthn',
];

/** Types of credentials that the protocol knows beside those of registered methods: one may ask for them and finds none. */
export const OTHER_CREDENTIAL_TYPES: readonly string[] = [
  'totp',
  'lookup_secret',
  'webauthn',
  'passkey',
  'oidc',
  'saml',
  'deviceauthn',
  'link_recovery',
  'code_recovery',
];
