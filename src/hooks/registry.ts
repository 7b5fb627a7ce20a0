// Every hook there is: one file, one line.
export { revokeActiveSessions } from './revoke-active-sessions.ts';
export { session } from './session.ts';
