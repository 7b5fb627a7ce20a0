// Every method there is: one folder, one line.
export { identifierFirst } from './identifier-first/index.ts';
export { password } from './password/index.ts';
export { profile } from './profile/index.ts';
