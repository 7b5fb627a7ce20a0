// What does the core say to people? Every message that no single method owns, one maker each.
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

export const confirmItIsYou = (): Message => info(1010003, 'Please confirm that it is you.');
export const secondStepNeeded = (): Message =>
  info(1010004, 'One more step: please complete the second part of signing in.');

// Registration.

export const signUpLabel = (): Message => info(1040001, 'Sign up');
export const signUpBackLabel = (): Message => info(1040008, 'Back');

// Settings.

/** Bia's own: Kratos has no such message. */
export const credentialsEnded = (): Message =>
  info(1059001, `${ENDED} Set a new password or another way to sign in.`);

const ENDED =
  'You are the first to confirm an address of this account. What was set up before, such as a password, no longer works, ' +
  'and all other devices are signed out.';
export const settingsSaved = (): Message => success(1050001, 'Your changes are saved.');
export const managedByOrganization = (): Message =>
  info(1050023, 'Your organization manages these settings. Please ask its administrator.');

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
  info(1060005, 'Please enter the full address, so that we know that it is yours.');
export const chooseAddress = (): Message => info(1060006, 'Where should we send the code?');
export const backLabel = (): Message => info(1060007, 'Back');

// Labels of nodes.

/** The masked address is its own label. */
export const maskedAddress = (masked: string): Message => info(1070000, masked);
export const fieldTitle = (title: string, name: string): Message => info(1070002, title, { title, name });
export const saveLabel = (): Message => info(1070003, 'Save');
export const identifierGeneric = (): Message => info(1070004, 'ID');
export const submitLabel = (): Message => info(1070005, 'Submit');
export const emailLabel = (): Message => info(1070007, 'E-mail address');
export const resendLabel = (): Message => info(1070008, 'Send again');
export const continueLabel = (): Message => info(1070009, 'Continue');
export const recoveryCodeLabel = (): Message => info(1070010, 'Recovery code');
export const verificationCodeLabel = (): Message => info(1070011, 'Verification code');
export const registrationCodeLabel = (): Message => info(1070012, 'Sign-up code');
export const loginCodeLabel = (): Message => info(1070013, 'Sign-in code');
export const recoveryAddressLabel = (): Message => info(1070016, 'Recovery address');
export const phoneLabel = (): Message => info(1070017, 'Phone number');
export const emailOrPhoneLabel = (): Message => info(1070018, 'E-mail address or phone number');

// Verification.

export const emailVerified = (): Message => success(1080002, 'Thank you. Your e-mail address is verified.');
export const phoneVerified = (): Message => success(1080005, 'Thank you. Your phone number is verified.');

// Values that do not fit.

/** `reason` is shown as it is, so it must be written for people. */
export const generic = (reason: string): Message => error(4000001, reason, { reason });
export const required = (property: string): Message =>
  error(4000002, 'Please fill in this field.', { property });
export const tooShort = (minLength: number, actualLength: number): Message =>
  error(4000003, `Please enter at least ${characters(minLength)}. There are ${actualLength}.`, {
    min_length: minLength,
    actual_length: actualLength,
  });
export const tooLong = (maxLength: number, actualLength: number): Message =>
  error(4000017, `Please enter no more than ${characters(maxLength)}. There are ${actualLength}.`, {
    max_length: maxLength,
    actual_length: actualLength,
  });
export const patternMismatch = (pattern: string): Message =>
  error(4000004, `This does not have the expected form, which is ${pattern}.`, { pattern });
export const belowMinimum = (minimum: number, actual: number): Message =>
  error(4000018, `This must be ${minimum} or more.`, { minimum, actual });
export const notAbove = (minimum: number, actual: number): Message =>
  error(4000019, `This must be more than ${minimum}.`, { minimum, actual });
export const aboveMaximum = (maximum: number, actual: number): Message =>
  error(4000020, `This must be ${maximum} or less.`, { maximum, actual });
export const notBelow = (maximum: number, actual: number): Message =>
  error(4000021, `This must be less than ${maximum}.`, { maximum, actual });
export const notMultipleOf = (base: number, actual: number): Message =>
  error(4000022, `This must be a multiple of ${base}.`, { base, actual });
export const tooManyItems = (maxItems: number, actualItems: number): Message =>
  error(4000023, `Please choose no more than ${maxItems}. There are ${actualItems}.`, {
    max_items: maxItems,
    actual_items: actualItems,
  });
export const tooFewItems = (minItems: number, actualItems: number): Message =>
  error(4000024, `Please choose at least ${minItems}. There are ${actualItems}.`, {
    min_items: minItems,
    actual_items: actualItems,
  });
export const duplicateItems = (indexA: number, indexB: number): Message =>
  error(4000025, `Entries ${indexA + 1} and ${indexB + 1} are the same.`, {
    index_a: indexA,
    index_b: indexB,
  });
export const wrongType = (allowedTypes: readonly string[], actualType: string): Message =>
  error(4000026, `This should be ${allowedTypes.map(typeInWords).join(' or ')}.`, {
    allowed_types: allowedTypes,
    actual_type: actualType,
  });
/** Only simple values can be named; for lists and objects the message has no context. */
export function notConst(expected: Json): Message {
  if (expected !== null && typeof expected === 'object') {
    return error(4000030, 'This does not have the value that is needed here.');
  }
  const shown = JSON.stringify(expected);
  return error(4000029, `This must be ${shown}.`, { expected: shown });
}
export const invalidEmail = (value: string): Message =>
  error(4000040, 'This is not an e-mail address.', { value });
export const invalidPhone = (value: string): Message =>
  error(4000041, 'This is not a phone number. Start with + and the country code.', { value });

// Accounts.

export const duplicateIdentifier = (): Message =>
  error(4000007, 'Somebody already uses this e-mail address, phone number or name.');
export const missingIdentifier = (): Message =>
  error(4000009, 'Please fill in something to sign in with, such as your e-mail address.');
export const addressNotVerified = (): Message =>
  error(4000010, 'Please verify your address first. Look for our message in your inbox.');

export interface DuplicateHints {
  readonly availableCredentialTypes: readonly string[];
  readonly availableOidcProviders: readonly string[];
  readonly credentialIdentifierHint: string;
}
/** Tells which ways of signing in the existing account has; only where the operator wants it told. */
export function duplicateWithHints(hints: DuplicateHints): Message {
  const who = hints.credentialIdentifierHint ? ` for ${hints.credentialIdentifierHint}` : '';
  const ways = [...hints.availableCredentialTypes, ...hints.availableOidcProviders].join(', ');
  const how = ways ? ` Sign in with one of: ${ways}.` : '';
  return error(4000028, `There is an account${who} already.${how}`, {
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
export const loginExpired = (when: ExpiredAt): Message => expired(4010001, 'sign-in', when);
export const registrationExpired = (when: ExpiredAt): Message => expired(4040001, 'sign-up', when);
export const settingsExpired = (when: ExpiredAt): Message => expired(4050001, 'settings form', when);
export const recoveryExpired = (when: ExpiredAt): Message => expired(4060005, 'recovery', when);
export const verificationExpired = (when: ExpiredAt): Message => expired(4070005, 'verification', when);

/** Bia's own: Kratos has no such messages. */
export const loginSentAgain = (): Message =>
  error(4019001, 'This form was sent already. If you are not signed in, please sign in here.');
export const registrationSentAgain = (): Message =>
  error(4049001, 'This form was sent already, and your account was made. Please sign in.');

export const noLoginMethod = (): Message => error(4010002, noMethod('sign in'));
export const noRegistrationMethod = (): Message => error(4010003, noMethod('sign up'));
export const noSettingsMethod = (): Message => error(4010004, noMethod('change settings'));
export const noRecoveryMethod = (): Message => error(4010005, noMethod('recover the account'));
export const noVerificationMethod = (): Message => error(4010006, noMethod('verify the address'));

export const linkMismatch = (): Message =>
  error(4010009, 'That account is not the one to link with. Please sign in to the account you began with.');
export const identityDisabled = (): Message => error(4010011, 'This account is switched off.');
export const tooManyAddressChanges = (): Message =>
  error(4050002, 'Please change one address at a time: each new one has to be verified.');

export const recoveryAlreadyDone = (): Message =>
  error(4060001, 'This recovery is finished. Please start another one.');
export const recoveryFailed = (): Message =>
  error(4060002, 'This recovery failed. Please start another one.');
export const verificationAlreadyDone = (): Message =>
  error(4070002, 'This verification is finished. Please start another one.');
export const verificationFailed = (): Message =>
  error(4070003, 'This verification failed. Please start another one.');

// System.

export const systemError = (reason: string): Message => error(5000001, reason, { reason });

function expired(id: number, what: string, when: ExpiredAt): Message {
  const span = spanInWords(when.nowMs - when.expiredAtMs);
  return error(id, `The ${what} ran out of time ${span} ago. Please try again.`, {
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
  object: 'a group of fields',
  null: 'empty',
};
const typeInWords = (type: string): string => TYPE_IN_WORDS[type] ?? type;

const noMethod = (what: string): string => `Could not ${what}: the form does not say how. Please try again.`;
const characters = (count: number): string => (count === 1 ? '1 character' : `${count} characters`);
const unixSeconds = (atMs: number): number => Math.floor(atMs / 1000);
