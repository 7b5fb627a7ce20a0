// Every hook there is: one file, one line.
export { notifyPreviousAddresses } from './notify-previous-addresses.ts';
export { requireVerifiedAddress } from './require-verified-address.ts';
export { revokeActiveSessions } from './revoke-active-sessions.ts';
export { session } from './session.ts';
export { showVerificationUi } from './show-verification-ui.ts';
export { verification } from './verification.ts';
export { verifyNewAddress } from './verify-new-address.ts';
export { webHook } from './web-hook/web-hook.ts';
