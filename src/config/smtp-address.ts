// courier.smtp.connection_uri -> which mail server, how encrypted, who signs in there (docs/protocol/platform.md 4.2).
import { isTrue } from '../lib/bool.ts';

export interface SmtpAddress {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise STARTTLS, unless it is off. */
  readonly isTls: boolean;
  readonly isStartTlsOff: boolean;
  readonly verifiesCertificate: boolean;
  /** Name that the server's certificate has to be for. */
  readonly serverName: string;
  readonly login: { readonly user: string; readonly pass: string } | undefined;
}

/** Those of RFC 8314 and RFC 6409. */
const TLS_PORT = 465;
const SUBMISSION_PORT = 587;

/** Undefined where it is no address of a mail server. */
export function parseSmtpAddress(uri: string): SmtpAddress | undefined {
  const url = URL.parse(uri);
  if (!url?.hostname || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')) return undefined;
  const [user, pass] = [decoded(url.username), decoded(url.password)];
  if (user === undefined || pass === undefined) return undefined;
  const isTls = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: url.port === '' ? (isTls ? TLS_PORT : SUBMISSION_PORT) : Number(url.port),
    isTls,
    isStartTlsOff: isTrue(url.searchParams.get('disable_starttls')),
    verifiesCertificate: !isTrue(url.searchParams.get('skip_ssl_verify')),
    serverName: url.searchParams.get('server_name') || host,
    login: user === '' ? undefined : { user, pass },
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
