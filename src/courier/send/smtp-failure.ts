// What does an answer of a mail server, or its absence, mean for the message?
import { DeliveryError } from './delivery.ts';

/** What nodemailer's errors carry. */
interface SmtpFacts {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  readonly command?: unknown;
  /** Whether the answer is one for good: all of 5xx but 503, which says that the conversation went wrong. */
  readonly permanent?: unknown;
  /** What the socket said, where `code` is a kind of nodemailer's. */
  readonly originalCode?: unknown;
}

/** Answers to these are about this mail. All others are about us: the operator can mend them while the mail waits. */
const ABOUT_THE_MAIL = /^(?:MAIL FROM|RCPT TO|DATA|API)$/;
/** RFC 4954: the server wants to know who we are, or does not believe it. */
const ABOUT_US = new Set([530, 534, 535, 538]);

export function smtpFailure(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  if (!(error instanceof Error)) return new DeliveryError('unknown', 'The mail could not be handed over.');
  const { code, responseCode, response, command, permanent, originalCode } = error as SmtpFacts; // each is looked at before it is used
  if (error.cause instanceof DeliveryError) return error.cause;
  if (typeof responseCode === 'number') {
    const isAboutTheMail = typeof command === 'string' && ABOUT_THE_MAIL.test(command);
    return new DeliveryError(
      `smtp_${responseCode}`,
      `The mail server answered: ${typeof response === 'string' ? response : responseCode}`,
      { isFinal: permanent === true && isAboutTheMail && !ABOUT_US.has(responseCode), cause: error },
    );
  }
  const label = [originalCode, code].find((each) => typeof each === 'string') ?? error.name;
  if (label === 'EENVELOPE') {
    const reason = 'The mail server cannot deliver to an address of this form.';
    return new DeliveryError(label, reason, { isFinal: true, cause: error });
  }
  const isLate = error.name === 'AbortError' || error.name === 'TimeoutError' || label === 'ETIMEDOUT';
  const reason = isLate
    ? 'The mail server did not take the mail in time.'
    : `The mail server could not be reached: ${error.message}`;
  return new DeliveryError(isLate ? 'timeout' : label, reason, { cause: error });
}
