// The settings of a web hook (docs/protocol/platform.md 3.3).
import type { Static } from 'typebox';
import { requestFields } from '../../config/request.ts';
import { Type } from '../../schema/typebox.ts';

const flag = (value: boolean, description: string) =>
  Type.Optional(Type.Boolean({ default: value, description }));

export const webHookConfig = Type.Object(
  {
    id: Type.Optional(Type.String({ description: 'Name of the hook in logs and among its events.' })),
    url: requestFields.url,
    method: Type.String({ pattern: '^[A-Za-z]+$', description: 'HTTP method.' }),
    headers: Type.Optional(requestFields.headers),
    body: requestFields.body,
    auth: requestFields.auth,
    can_interrupt: flag(false, 'An answer of 400 or above stops the flow with the messages in it.'),
    response: Type.Optional(
      Type.Object(
        {
          ignore: flag(
            false,
            'Nothing waits for the answer: the call is kept with the act and made in the background until it is taken.',
          ),
          parse: flag(false, 'The answer may change the identity, or stop the flow.'),
        },
        { additionalProperties: false, description: 'What becomes of the answer.' },
      ),
    ),
    emit_analytics_event: flag(true, 'Send Ory-Webhook-Request-ID and Ory-Webhook-Trigger-ID along.'),
    signing_secrets: Type.Optional(
      Type.Array(
        Type.String({ minLength: 16, writeOnly: true, description: 'A secret, or whsec_ and base64.' }),
        {
          description:
            'Secrets that calls are signed with, in the form of Standard Webhooks; each of them signs.',
        },
      ),
    ),
  },
  {
    additionalProperties: false,
    // Who does not read an answer cannot act on it.
    if: {
      properties: { response: { properties: { ignore: { const: true } }, required: ['ignore'] } },
      required: ['response'],
    },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {
      properties: {
        can_interrupt: { const: false },
        response: { properties: { parse: { const: false } } },
      },
    },
  },
);

export type WebHookConfig = Static<typeof webHookConfig>;
