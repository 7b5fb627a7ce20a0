// Settings of the courier: how messages to people are written and sent.

import { Type } from '../schema/typebox.ts';
import { duration, section, text } from './fields.ts';
import { requestConfig, SOURCE_PATTERN } from './request.ts';

const source = (description: string) =>
  Type.Optional(
    Type.String({ pattern: SOURCE_PATTERN, description: `${description} file://, base64:// or http(s)://` }),
  );
const object = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

const email = object({
  subject: source('Template of the subject.'),
  body: Type.Optional(
    object({ plaintext: source('Template of the plain text.'), html: source('Template of the HTML text.') }),
  ),
});
const sms = Type.Optional(
  object({ body: Type.Optional(object({ plaintext: source('Template of the text message.') })) }),
);

const valid = Type.Optional(object({ email, sms }));
const invalid = Type.Optional(object({ email }));
const validAndInvalid = Type.Optional(object({ valid, invalid }));

const templates = section({
  recovery: validAndInvalid,
  recovery_code: validAndInvalid,
  verification: validAndInvalid,
  verification_code: validAndInvalid,
  registration_code: Type.Optional(object({ valid })),
  login_code: Type.Optional(object({ valid })),
  verifiable_address_changed: Type.Optional(object({ email: Type.Optional(email), sms })),
  credentials_ended: Type.Optional(object({ email: Type.Optional(email), sms })),
  account_guessed_at: invalid,
  account_exists: invalid,
});

const smtp = section({
  connection_uri: Type.Optional(
    Type.String({
      pattern: '^smtps?://.*',
      writeOnly: true,
      description:
        'Mail server: smtp://USER:PASSWORD@HOST:PORT/ with STARTTLS, smtps:// with TLS from the start. ' +
        'Parameters: disable_starttls, skip_ssl_verify, server_name.',
    }),
  ),
  from_address: Type.String({
    default: 'no-reply@ory.kratos.sh',
    pattern: '^[^\\s@<>]+@[^\\s@<>]+$',
    description: 'Address of the sender. The default is that of Kratos: name one of your own.',
  }),
  from_name: text('Name of the sender.'),
  headers: Type.Record(Type.String(), Type.String(), {
    default: {},
    description: 'Headers of every mail; Cc and Bcc are sent to as well.',
  }),
  local_name: Type.String({ default: 'localhost', description: 'Name that greets the mail server.' }),
  client_cert_path: Type.String({
    default: '',
    description: 'File of the certificate that proves us to the mail server (PEM).',
  }),
  client_key_path: Type.String({ default: '', description: 'File of its key (PEM).' }),
});

/** The section `courier`. */
export const courierSection = section({
  delivery_strategy: Type.Unsafe<'smtp' | 'http'>({
    enum: ['smtp', 'http'],
    default: 'smtp',
    description: 'How e-mail is handed over: to a mail server, or to a service of your own.',
  }),
  message_retries: Type.Integer({
    default: 5,
    minimum: 0,
    description: 'How often a message is tried again before it is given up.',
  }),
  message_retention: duration(
    '720h',
    'How long messages that are sent or given up stay in the list of the administrators.',
  ),
  worker: section({
    pull_count: Type.Integer({
      default: 10,
      minimum: 1,
      maximum: 1000,
      description: 'Messages that one process sends at the same time.',
    }),
    pull_wait: duration(
      '1s',
      'Longest time between two looks at the queue, and the wait before the first retry of a message; ' +
        'each further one comes four times as late, 10 minutes at the most.',
    ),
  }),
  template_override_path: text('Folder with templates that replace the built-in ones.'),
  templates,
  smtp,
  http: section({ request_config: Type.Optional(requestConfig) }),
  channels: Type.Array(
    Type.Object(
      {
        id: Type.Unsafe<'sms'>({ enum: ['sms'], description: 'What is sent by this channel.' }),
        type: Type.Unsafe<'http'>({ enum: ['http'], default: 'http', description: 'How it is handed over.' }),
        request_config: requestConfig,
      },
      { additionalProperties: false },
    ),
    { default: [], description: 'Services that send messages other than e-mail.' },
  ),
});
