// The settings of the configuration -> how each message is sent.
import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import type { Config } from '../base/config-schema.ts';
import type { Log } from '../lib/log.ts';
import { DeliveryError, type Prepare } from './delivery.ts';
import type { RenderHtml } from './message.ts';
import { createSmtp } from './smtp.ts';
import { parseSmtpAddress } from './smtp-address.ts';
import type { WorkerSettings } from './worker.ts';

export interface CourierDeps {
  readonly html: RenderHtml;
  readonly log: Log;
  /** Certificates to trust beside those of Node. */
  readonly certificateFile: string | undefined;
}

export function courierSettings(config: Config, deps: CourierDeps): WorkerSettings {
  const { worker, message_retries } = config.courier;
  return {
    atOnce: worker.pull_count,
    lookEveryMs: worker.pull_wait,
    firstWaitMs: worker.pull_wait,
    retries: message_retries,
    prepare: preparation(config, deps),
  };
}

function preparation(config: Config, deps: CourierDeps): Prepare | undefined {
  const email = emailDelivery(config, deps);
  if (!email) return undefined;
  return (message) => {
    if (message.channel === 'email') return email(message);
    throw new DeliveryError('no_channel', `No service for ${message.channel} is set in courier.channels.`);
  };
}

function emailDelivery(config: Config, deps: CourierDeps): Prepare | undefined {
  const { smtp } = config.courier;
  if (smtp.connection_uri === undefined) return undefined;
  const address = parseSmtpAddress(smtp.connection_uri);
  if (!address) throw new Error('courier.smtp.connection_uri is no address of a mail server');
  const { client_cert_path: cert, client_key_path: key } = smtp;
  const read = (file: string): string => readFileSync(file, 'utf8');
  return createSmtp({
    address,
    from: { name: smtp.from_name ?? '', address: smtp.from_address },
    headers: smtp.headers,
    localName: smtp.local_name,
    clientCertificate: cert && key ? { cert: read(cert), key: read(key) } : undefined,
    authorities: deps.certificateFile
      ? [...getCACertificates('default'), read(deps.certificateFile)]
      : undefined,
    disallowPrivate: config.clients.smtp.disallow_private_ip_ranges,
    html: deps.html,
    log: deps.log,
  });
}
