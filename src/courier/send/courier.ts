// The settings of the configuration -> how each message is sent.
import { readFileSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';
import { parseSmtpAddress } from '../../config/smtp-address.ts';
import type { Jsonnet } from '../../lib/jsonnet/jsonnet.ts';
import type { Log } from '../../lib/log.ts';
import { tls } from '../../lib/node-http.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { invariant } from '../../protocol/api-error.ts';
import type { RenderHtml } from '../message.ts';
import { createHtmlPart } from '../write/html-part.ts';
import { DeliveryError, type Prepare } from './delivery.ts';
import { createHttpDelivery } from './http.ts';
import { createSmtp } from './smtp.ts';
import type { WorkerSettings } from './worker.ts';

export interface CourierDeps {
  readonly html: RenderHtml;
  readonly outbound: Outbound;
  readonly jsonnet: Jsonnet;
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
    forgetsTexts: !config.dev,
    prepare: preparation(config, { ...deps, html: createHtmlPart(deps.html, deps.log) }),
  };
}

/** By the channel of the message. Undefined where nothing at all can be sent, so that messages wait for a configuration. */
function preparation(config: Config, deps: CourierDeps): Prepare | undefined {
  const email = emailDelivery(config, deps);
  const channels = new Map<string, Prepare>(email ? [['email', email]] : []);
  for (const { id, request_config } of config.courier.channels) {
    channels.set(id, createHttpDelivery({ ...deps, request: request_config }));
  }
  if (channels.size === 0) return undefined;
  return (message) => {
    const prepare = channels.get(message.channel);
    if (prepare) return prepare(message);
    throw new DeliveryError('no_channel', missing(message.channel, config));
  };
}

function missing(channel: string, { courier }: Config): string {
  if (channel !== 'email')
    return `There is no service for ${channel}: courier.channels has none with this id.`;
  const key = courier.delivery_strategy === 'http' ? 'http.request_config' : 'smtp.connection_uri';
  return `There is no way to send e-mail: courier.${key} is not set.`;
}

function emailDelivery(config: Config, deps: CourierDeps): Prepare | undefined {
  const { delivery_strategy, http } = config.courier;
  if (delivery_strategy === 'smtp') return smtpDelivery(config, deps);
  return http.request_config && createHttpDelivery({ ...deps, request: http.request_config });
}

function smtpDelivery({ courier, clients }: Config, deps: CourierDeps): Prepare | undefined {
  const { smtp } = courier;
  if (smtp.connection_uri === undefined) return undefined;
  const address = parseSmtpAddress(smtp.connection_uri);
  invariant(address, 'the check of the configuration lets only addresses of mail servers through');
  const { client_cert_path: cert, client_key_path: key } = smtp;
  return createSmtp({
    address,
    from: { name: smtp.from_name ?? '', address: smtp.from_address },
    headers: smtp.headers,
    localName: smtp.local_name,
    clientCertificate: cert && key ? { cert: read(cert), key: read(key) } : undefined,
    authorities: deps.certificateFile
      ? [...tls().getCACertificates('default'), read(deps.certificateFile)]
      : undefined,
    disallowPrivate: clients.smtp.disallow_private_ip_ranges,
    html: deps.html,
    log: deps.log,
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`a certificate or key of the courier cannot be read: ${file}`, { cause: error });
  }
}
