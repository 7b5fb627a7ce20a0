// The data of a message -> what its templates see, under the names that templates of Kratos use (docs/protocol/platform.md 4.4).
import type { JsonObject } from '../../lib/json.ts';
import { fromJson, Struct, type Value, type ValueMap } from '../gotmpl/value.ts';
import type { MessageType, TemplateName } from '../message.ts';
import type { Site } from './site.ts';

/** Name in the protocol, name in templates, and what stands there where a message has none. */
type Field = readonly [json: string, name: string, empty: Value];

const NOTHING: ValueMap = new Map();
const EVERY: readonly Field[] = [
  ['to', 'To', ''],
  ['transient_payload', 'TransientPayload', NOTHING],
];
const ASKED: readonly Field[] = [...EVERY, ['request_url', 'RequestURL', '']];
const KNOWN: readonly Field[] = [
  ...ASKED,
  ['identity', 'Identity', NOTHING],
  ['expires_in_minutes', 'ExpiresInMinutes', 0],
  ['request_url_domain', 'RequestURLDomain', ''],
];
const SIGN_IN: readonly Field[] = [...KNOWN, ['oauth2_login_request', 'OAuth2LoginRequest', undefined]];

const FIELDS: Readonly<Record<TemplateName, readonly Field[]>> = {
  recovery_valid: [...KNOWN, ['recovery_url', 'RecoveryURL', '']],
  recovery_invalid: ASKED,
  recovery_code_valid: [...KNOWN, ['recovery_code', 'RecoveryCode', '']],
  recovery_code_invalid: ASKED,
  verification_valid: [...SIGN_IN, ['verification_url', 'VerificationURL', '']],
  verification_invalid: ASKED,
  verification_code_valid: [
    ...SIGN_IN,
    ['verification_url', 'VerificationURL', ''],
    ['verification_code', 'VerificationCode', ''],
  ],
  verification_code_invalid: ASKED,
  login_code_valid: [...SIGN_IN, ['login_code', 'LoginCode', '']],
  registration_code_valid: [
    ...SIGN_IN,
    ['traits', 'Traits', NOTHING],
    ['registration_code', 'RegistrationCode', ''],
  ],
  verifiable_address_changed: [...EVERY, ['identity', 'Identity', NOTHING], ['changed_at', 'ChangedAt', '']],
  credentials_ended: [...EVERY, ['identity', 'Identity', NOTHING], ['changed_at', 'ChangedAt', '']],
  account_guessed_at: [...EVERY, ['identity', 'Identity', NOTHING], ['sign_in_url', 'SignInURL', '']],
  account_exists: [
    ...EVERY,
    ['identity', 'Identity', NOTHING],
    ['sign_in_url', 'SignInURL', ''],
    ['recovery_url', 'RecoveryURL', ''],
  ],
};

/** SMS of recovery carry the code as `verification_code` too (docs/protocol/platform.md 4.4). */
const SMS_CODE: Field = ['verification_code', 'RecoveryCode', ''];

const CLIENT: readonly Field[] = [
  ['client_id', 'ClientID', ''],
  ['client_name', 'ClientName', ''],
  ['client_uri', 'ClientURI', ''],
  ['logo_uri', 'LogoURI', ''],
  ['metadata', 'Metadata', undefined],
];

/** Every field that templates of this message can name, and `Site`, which only Bia has. */
export function templateModel(
  of: { readonly templateName: TemplateName; readonly type: MessageType; readonly data: JsonObject },
  site: Site,
): ValueMap {
  const data = fromJson(of.data);
  const model = new Struct(named(FIELDS[of.templateName], data));
  if (of.templateName === 'recovery_code_valid' && of.type === 'sms' && model.get('RecoveryCode') === '') {
    for (const [name, value] of named([SMS_CODE], data)) model.set(name, value);
  }
  const request = model.get('OAuth2LoginRequest');
  if (request instanceof Map) {
    const client = new Struct(named(CLIENT, request.get('client')));
    model.set(
      'OAuth2LoginRequest',
      new Struct([...named([['challenge', 'Challenge', '']], request), ['Client', client]]),
    );
  }
  model.set('Site', new Struct(Object.entries(site)));
  return model;
}

function named(fields: readonly Field[], data: Value): readonly (readonly [string, Value])[] {
  return fields.map(([json, name, empty]) => [
    name,
    (data instanceof Map ? data.get(json) : undefined) ?? empty,
  ]);
}
