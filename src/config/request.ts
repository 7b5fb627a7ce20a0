// Settings of a request that Bia makes to a service of the operator's: where, how, with what body and what proof.
import { Type } from '../schema/typebox.ts';

export type RequestAuth =
  | {
      readonly type: 'api_key';
      readonly config: { readonly name: string; readonly value: string; readonly in: 'header' | 'cookie' };
    }
  | { readonly type: 'basic_auth'; readonly config: { readonly user: string; readonly password: string } };

export interface RequestConfig {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Address of a Jsonnet snippet. */
  readonly body?: string;
  readonly auth?: RequestAuth;
}

/** Addresses of texts: see outbound/source.ts. */
export const SOURCE_PATTERN = '^(?:https?|file|base64)://';

const secret = (description: string) => ({ type: 'string', writeOnly: true, description });
const strict = (properties: object) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const where = { const: 'api_key' };

/** Alternatives by `if`, not by `anyOf`: a fault is told by its own key then, and never prints the secret beside it. */
export const requestAuth = Type.Unsafe<RequestAuth>({
  type: 'object',
  description: 'How the service knows that it is Bia that calls.',
  required: ['type', 'config'],
  properties: {
    type: {
      enum: ['api_key', 'basic_auth'],
      description: 'A key in a header or cookie, or a name and password.',
    },
    config: { type: 'object', description: 'The key with its name and place, or the name and password.' },
  },
  additionalProperties: false,
  if: { properties: { type: where }, required: ['type'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: {
    properties: {
      config: strict({
        name: { type: 'string', minLength: 1, description: 'Name of the header or cookie.' },
        value: secret('The key.'),
        in: { enum: ['header', 'cookie'], description: 'Where the key stands.' },
      }),
    },
  },
  else: {
    properties: {
      config: strict({
        user: { type: 'string', description: 'The name.' },
        password: secret('The password.'),
      }),
    },
  },
});

/** The keys of a request. Web hooks have more beside them. */
export const requestFields = {
  url: Type.String({ pattern: '^https?://', description: 'Address of the service.' }),
  method: Type.String({ default: 'POST', pattern: '^[A-Za-z]+$', description: 'HTTP method.' }),
  headers: Type.Record(Type.String(), Type.String(), {
    default: {},
    description:
      'Headers to send. Content-Type is application/json or application/x-www-form-urlencoded, exactly so.',
  }),
  body: Type.Optional(
    Type.String({
      pattern: SOURCE_PATTERN,
      description: 'Address of the Jsonnet snippet, a function(ctx), that makes the body.',
    }),
  ),
  auth: Type.Optional(requestAuth),
};

export const requestConfig = Type.Object(requestFields, { additionalProperties: false });
