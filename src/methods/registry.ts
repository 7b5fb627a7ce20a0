// Every method there is: one folder, one line.
export { code } from './code/index.ts';
export { identifierFirst } from './identifier-first/index.ts';
export { link } from './link/index.ts';
export { lookupSecret } from './lookup_secret/index.ts';
export { oidc } from './oidc/index.ts';
export { passkey } from './passkey/index.ts';
export { password } from './password/index.ts';
export { profile } from './profile/index.ts';
export { totp } from './totp/index.ts';
export { webauthn } from './webauthn/index.ts';
