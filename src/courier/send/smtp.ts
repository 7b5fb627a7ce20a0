// E-mail to a mail server: who it is from and to, how the connection is protected, and what its answers mean.
import { isIP, type LookupFunction } from 'node:net';
import type { SendMailOptions } from 'nodemailer';
import type { SMTPTransportOptions } from 'nodemailer/lib/smtp-transport';
import type { SmtpAddress } from '../../config/smtp-address.ts';
import type { Log } from '../../lib/log.ts';
import { isPrivateAddress, publicLookup } from '../../outbound/private-network.ts';
import { isEmail, isLooseEmail } from '../../schema/formats.ts';
import type { CourierMessage, RenderHtml } from '../message.ts';
import { DeliveryError, type Prepare, SEND_LIMIT_MS } from './delivery.ts';
import { smtpFailure } from './smtp-failure.ts';
import { connectSocket } from './smtp-socket.ts';

export interface SmtpSettings {
  readonly address: SmtpAddress;
  readonly from: { readonly name: string; readonly address: string };
  /** Of every mail. Cc and Bcc are sent to. */
  readonly headers: Readonly<Record<string, string>>;
  /** Greets the server. */
  readonly localName: string;
  readonly clientCertificate: { readonly cert: string; readonly key: string } | undefined;
  /** PEM of authorities to trust; undefined: those of Node. */
  readonly authorities: readonly string[] | undefined;
  readonly disallowPrivate: boolean;
  readonly html: RenderHtml;
  readonly log: Log;
}

/** Each mail has a connection of its own: one that hangs holds up no other. */
export function createSmtp(settings: SmtpSettings): Prepare {
  const { address, log } = settings;
  const lookup = settings.disallowPrivate ? publicLookup(closedOff) : undefined;
  let opened: ReturnType<typeof openTransport> | undefined;
  return async (message) => {
    if (!isEmail(message.recipient) && !isLooseEmail(message.recipient)) {
      throw new DeliveryError('invalid_recipient', 'The recipient is not an e-mail address.', {
        isFinal: true,
      });
    }
    const html = await settings.html(message);
    opened ??= openTransport(settings, lookup);
    const { transport, copies } = await opened;
    const mail = toMail({ message, html, copies }, settings);
    return async () => {
      if (lookup && isIP(address.host) && isPrivateAddress(address.host)) throw closedOff(address.host);
      const signal = AbortSignal.timeout(SEND_LIMIT_MS);
      const sent = await transport.sendMail({ ...mail, signal }).catch((error: unknown) => {
        throw smtpFailure(error);
      });
      const refused = sent.rejectedErrors?.find(
        ({ recipient }) => recipient?.toLowerCase() === message.recipient.toLowerCase(),
      );
      // A copy was taken, the mail itself was not.
      if (refused) throw smtpFailure(refused);
      if (sent.rejected.length > 0) {
        log.warn('a copy of a message was refused by the mail server', { message_id: message.id });
      }
    };
  };
}

interface Copies {
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
}

function toMail(
  of: { readonly message: CourierMessage; readonly html: string | undefined; readonly copies: Copies },
  { from, headers }: SmtpSettings,
): SendMailOptions {
  const { message, html, copies } = of;
  const ownHeaders = Object.entries(headers).filter(([name]) => !/^b?cc$/i.test(name));
  return {
    from,
    // As an object, so that nothing in it is read as a second address.
    to: { name: '', address: message.recipient },
    ...(copies.cc.length > 0 ? { cc: [...copies.cc] } : {}),
    envelope: { from: from.address, to: [message.recipient, ...copies.cc, ...copies.bcc] },
    subject: message.subject,
    text: message.body,
    ...(html === undefined ? {} : { html }),
    // The same in every attempt: whoever gets a mail twice after a crash can tell that it is the same one.
    messageId: `<${message.id}@${from.address.split('@').at(-1)}>`,
    date: new Date(message.createdAtMs),
    headers: [
      // RFC 3834: no answers of people who are on holiday.
      { key: 'Auto-Submitted', value: 'auto-generated' },
      ...ownHeaders.map(([key, value]) => ({ key, value })),
    ],
    xMailer: false,
    // Texts are texts: nothing in them makes this process read a file or call an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Loaded by the first mail. Measured: the library takes a seventh of a second and 23 MiB, and not every process sends. */
async function openTransport(settings: SmtpSettings, lookup: LookupFunction | undefined) {
  const { default: nodemailer } = await import('nodemailer');
  const { default: parse } = await import('nodemailer/lib/addressparser');
  const { address, clientCertificate } = settings;
  const options: SMTPTransportOptions = {
    host: address.host,
    port: address.port,
    secure: address.isTls,
    // Mandatory, not where possible: somebody in between could otherwise strip it and read along.
    requireTLS: !address.isTls && !address.isStartTlsOff,
    ignoreTLS: address.isStartTlsOff,
    name: settings.localName,
    ...(address.login ? { auth: address.login } : {}),
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: address.verifiesCertificate,
      ...(isIP(address.serverName) ? {} : { servername: address.serverName }),
      ...(clientCertificate ?? {}),
      ...(settings.authorities ? { ca: [...settings.authorities] } : {}),
    },
    getSocket: (_options, callback) => {
      connectSocket({ host: address.host, port: address.port, timeoutMs: SEND_LIMIT_MS, lookup }).then(
        (connection) => callback(null, { connection }),
        (error: Error) => callback(error, false),
      );
    },
  };
  const addressesOf = (wanted: string): readonly string[] =>
    Object.entries(settings.headers)
      .filter(([name]) => name.toLowerCase() === wanted)
      .flatMap(([, value]) => parse(value, { flatten: true }))
      .flatMap(({ address: copy }) => (copy ? [copy] : []));
  return {
    transport: nodemailer.createTransport(options),
    copies: { cc: addressesOf('cc'), bcc: addressesOf('bcc') },
  };
}

const closedOff = (host: string): DeliveryError =>
  new DeliveryError('forbidden', `${host} is in a private network, which is closed off.`);
