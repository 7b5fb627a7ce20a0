// Messages of the core: every message that no single method owns, one maker each.
import { toRfc3339 } from '../lib/clock.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import { spanInWords } from '../lib/time-span.ts';
import type { Message } from './message.ts';

// Numbers and contexts are protocol (docs/protocol/methods.md section 19): clients translate by them. The texts are ours.
function message(type: Message['type'], id: number, text: string, context?: JsonObject): Message {
  return context === undefined ? { id, text, type } : { id, text, type, context };
}
const info = (id: number, text: string, context?: JsonObject): Message => message('info', id, text, context);
const error = (id: number, text: string, context?: JsonObject): Message =>
  message('error', id, text, context);
const success = (id: number, text: string, context?: JsonObject): Message =>
  message('success', id, text, context);

// Login.

export const confirmItIsYou = (): Message => info(1010003, 'Confirm that it’s you.');
export const secondStepNeeded = (): Message =>
  info(1010004, 'Complete the second step to finish signing in.');

// Registration.

export const signUpLabel = (): Message => info(1040001, 'Sign up');
export const signUpBackLabel = (): Message => info(1040008, 'Back');

// Settings.

/** Bia's own: Kratos has no such message. */
export const credentialsEnded = (): Message =>
  info(1059001, `${ENDED} Set a new password or another way to sign in.`);

const ENDED =
  'You’re the first person to confirm an address on this account, so for your security any earlier password or other ' +
  'sign-in method no longer works and all other devices have been signed out.';
export const settingsSaved = (): Message => success(1050001, 'Your changes have been saved.');
export const managedByOrganization = (): Message =>
  info(
    1050023,
    'These settings are managed by your organization. Contact your administrator to change them.',
  );

// Recovery.

/**
 * Above the settings form that follows a recovery: how long the password may be changed. Where the recovery ended what was
 * set up before, the same message says so: clients know it by its number.
 */
export function recovered(until: {
  readonly privilegedUntilMs: number;
  readonly nowMs: number;
  readonly hasEndedCredentials?: boolean;
}): Message {
  const span = spanInWords(until.privilegedUntilMs - until.nowMs);
  const at = toRfc3339(until.privilegedUntilMs);
  const ended = until.hasEndedCredentials ? ` ${ENDED}` : '';
  return success(
    1060001,
    `Welcome back.${ended} Set a new password or another way to sign in within ${span}.`,
    {
      // Both spellings are protocol: older clients read the first one.
      privilegedSessionExpiresAt: at,
      privileged_session_expires_at: at,
      privileged_session_expires_at_unix: unixSeconds(until.privilegedUntilMs),
    },
  );
}
export const giveFullAddress = (): Message =>
  info(1060005, 'Enter the full address to confirm that it’s yours.');
export const chooseAddress = (): Message => info(1060006, 'Where should we send the code?');
export const backLabel = (): Message => info(1060007, 'Back');

// Labels of nodes.

/** The masked address is its own label. */
export const maskedAddress = (masked: string): Message => info(1070000, masked);
export const fieldTitle = (title: string, name: string): Message => info(1070002, title, { title, name });
export const saveLabel = (): Message => info(1070003, 'Save');
export const identifierGeneric = (): Message => info(1070004, 'E-mail, phone or username');
export const submitLabel = (): Message => info(1070005, 'Submit');
export const emailLabel = (): Message => info(1070007, 'E-mail address');
export const resendLabel = (): Message => info(1070008, 'Resend');
export const continueLabel = (): Message => info(1070009, 'Continue');
export const recoveryCodeLabel = (): Message => info(1070010, 'Recovery code');
export const verificationCodeLabel = (): Message => info(1070011, 'Verification code');
export const registrationCodeLabel = (): Message => info(1070012, 'Sign-up code');
export const loginCodeLabel = (): Message => info(1070013, 'Sign-in code');
export const recoveryAddressLabel = (): Message => info(1070016, 'Recovery address');
export const phoneLabel = (): Message => info(1070017, 'Phone number');
export const emailOrPhoneLabel = (): Message => info(1070018, 'E-mail or phone number');

// Verification.

export const emailVerified = (): Message => success(1080002, 'Your e-mail address has been verified.');
export const phoneVerified = (): Message => success(1080005, 'Your phone number has been verified.');

// Invalid values.

/** `reason` is shown as it is, so it must be written for people. */
export const generic = (reason: string): Message => error(4000001, reason, { reason });
export const required = (property: string): Message =>
  error(4000002, 'This field is required.', { property });
export const tooShort = (minLength: number, actualLength: number): Message =>
  error(4000003, `Use at least ${characters(minLength)}. You entered ${actualLength}.`, {
    min_length: minLength,
    actual_length: actualLength,
  });
export const tooLong = (maxLength: number, actualLength: number): Message =>
  error(4000017, `Use no more than ${characters(maxLength)}. You entered ${actualLength}.`, {
    max_length: maxLength,
    actual_length: actualLength,
  });
/** People are shown what the schema says about the field, never the expression itself. */
export const patternMismatch = (pattern: string, hint?: string): Message =>
  error(4000004, hint ?? 'Enter this in the required format.', { pattern });
export const belowMinimum = (minimum: number, actual: number): Message =>
  error(4000018, `Enter ${minimum} or more.`, { minimum, actual });
export const notAbove = (minimum: number, actual: number): Message =>
  error(4000019, `Enter a number greater than ${minimum}.`, { minimum, actual });
export const aboveMaximum = (maximum: number, actual: number): Message =>
  error(4000020, `Enter ${maximum} or less.`, { maximum, actual });
export const notBelow = (maximum: number, actual: number): Message =>
  error(4000021, `Enter a number less than ${maximum}.`, { maximum, actual });
export const notMultipleOf = (base: number, actual: number): Message =>
  error(4000022, `Enter a multiple of ${base}.`, { base, actual });
export const tooManyItems = (maxItems: number, actualItems: number): Message =>
  error(4000023, `Choose no more than ${maxItems}. You chose ${actualItems}.`, {
    max_items: maxItems,
    actual_items: actualItems,
  });
export const tooFewItems = (minItems: number, actualItems: number): Message =>
  error(4000024, `Choose at least ${minItems}. You chose ${actualItems}.`, {
    min_items: minItems,
    actual_items: actualItems,
  });
export const duplicateItems = (indexA: number, indexB: number): Message =>
  error(4000025, `Entries ${indexA + 1} and ${indexB + 1} are the same.`, {
    index_a: indexA,
    index_b: indexB,
  });
export const wrongType = (allowedTypes: readonly string[], actualType: string): Message =>
  error(4000026, `Enter ${allowedTypes.map(typeInWords).join(' or ')}.`, {
    allowed_types: allowedTypes,
    actual_type: actualType,
  });
/** Only simple values can be named; for lists and objects the message has no context. */
export function notConst(expected: Json): Message {
  if (expected !== null && typeof expected === 'object') {
    return error(4000030, 'This value is not accepted here.');
  }
  const shown = JSON.stringify(expected);
  const text = expected === true ? 'Check this box to continue.' : `Enter ${shown}.`;
  return error(4000029, text, { expected: shown });
}
export const invalidEmail = (value: string): Message =>
  error(4000040, 'Enter a valid e-mail address.', { value });
export const invalidPhone = (value: string): Message =>
  error(4000041, 'Enter a valid phone number, starting with + and the country code.', { value });

// Accounts.

export const duplicateIdentifier = (): Message =>
  error(4000007, 'An account with this e-mail address, phone number or username already exists.');
export const missingIdentifier = (): Message =>
  error(4000009, 'Enter an identifier to sign in with, such as your e-mail address.');
export const addressNotVerified = (): Message =>
  error(4000010, 'Verify your address first. Check your inbox for our message.');

export interface DuplicateHints {
  readonly availableCredentialTypes: readonly string[];
  readonly availableOidcProviders: readonly string[];
  readonly credentialIdentifierHint: string;
}
/** Tells which ways of signing in the existing account has; only where the operator wants it told. */
export function duplicateWithHints(hints: DuplicateHints): Message {
  const who = hints.credentialIdentifierHint ? ` for ${hints.credentialIdentifierHint}` : '';
  const ways = [...hints.availableCredentialTypes, ...hints.availableOidcProviders].join(', ');
  const how = ways ? ` Sign in with one of these: ${ways}.` : '';
  return error(4000028, `An account${who} already exists.${how}`, {
    available_credential_types: hints.availableCredentialTypes,
    available_oidc_providers: hints.availableOidcProviders,
    credential_identifier_hint: hints.credentialIdentifierHint,
  });
}

// Flows.

export interface ExpiredAt {
  readonly expiredAtMs: number;
  readonly nowMs: number;
}
export const loginExpired = (when: ExpiredAt): Message => expired(4010001, 'Your sign-in', when);
export const registrationExpired = (when: ExpiredAt): Message => expired(4040001, 'Your sign-up', when);
export const settingsExpired = (when: ExpiredAt): Message => expired(4050001, 'This page', when);
export const recoveryExpired = (when: ExpiredAt): Message => expired(4060005, 'Your recovery', when);
export const verificationExpired = (when: ExpiredAt): Message => expired(4070005, 'Your verification', when);

/** Bia's own: Kratos has no such messages. */
export const loginSentAgain = (): Message =>
  error(4019001, 'This form was already sent. If you are not signed in, sign in here.');
export const registrationSentAgain = (): Message =>
  error(4049001, 'This form was already sent, and your account was created. Sign in to continue.');

export const noLoginMethod = (): Message => error(4010002, noMethod('sign in'));
export const noRegistrationMethod = (): Message => error(4010003, noMethod('sign up'));
export const noSettingsMethod = (): Message => error(4010004, noMethod('change your settings'));
export const noRecoveryMethod = (): Message => error(4010005, noMethod('recover your account'));
export const noVerificationMethod = (): Message => error(4010006, noMethod('verify your address'));

export const linkMismatch = (): Message =>
  error(4010009, 'That’s a different account. Sign in to the account you started with to link it.');
export const identityDisabled = (): Message => error(4010011, 'This account is disabled.');
export const tooManyAddressChanges = (): Message =>
  error(4050002, 'Change one address at a time: each new address must be verified.');

export const recoveryAlreadyDone = (): Message =>
  error(4060001, 'This recovery is already complete. Start again if you still need access.');
export const recoveryFailed = (): Message => error(4060002, 'Recovery failed. Please start again.');
export const verificationAlreadyDone = (): Message =>
  error(4070002, 'This verification is already complete. Start again to verify another address.');
export const verificationFailed = (): Message => error(4070003, 'Verification failed. Please start again.');

// System.

export const systemError = (reason: string): Message => error(5000001, reason, { reason });

function expired(id: number, what: string, when: ExpiredAt): Message {
  const span = spanInWords(when.nowMs - when.expiredAtMs);
  return error(id, `${what} expired ${span} ago. Please try again.`, {
    expired_at: toRfc3339(when.expiredAtMs),
    expired_at_unix: unixSeconds(when.expiredAtMs),
  });
}

const TYPE_IN_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'yes or no',
  array: 'a list',
  object: 'an object',
  null: 'nothing',
};
const typeInWords = (type: string): string => TYPE_IN_WORDS[type] ?? type;

const noMethod = (what: string): string => `Choose how you want to ${what}, then try again.`;
const characters = (count: number): string => (count === 1 ? '1 character' : `${count} characters`);
const unixSeconds = (atMs: number): number => Math.floor(atMs / 1000);
