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
