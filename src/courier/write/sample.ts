// The data of a message as it could be: for previews, and for trying templates before a person waits for them.
import type { JsonObject } from '../../lib/json.ts';
import type { MessageType } from '../message.ts';

const ID = '9f4a8e5c-0d6c-4b57-9c5e-3a1b2c4d5e6f';

/** Everything that any message may hold; templates see what theirs has. */
export function sampleData(type: MessageType, publicUrl: string): JsonObject {
  const to = type === 'sms' ? '+4915112345678' : 'alice@example.org';
  const traits = { email: 'alice@example.org', name: { first: 'Alice', last: 'Example' } };
  return {
    to,
    identity: { id: ID, schema_id: 'default', state: 'active', traits, metadata_public: {} },
    traits,
    transient_payload: {},
    request_url: new URL('self-service/login/browser', publicUrl).href,
    request_url_domain: new URL(publicUrl).hostname,
    expires_in_minutes: 15,
    recovery_code: '482913',
    recovery_url: new URL(`self-service/recovery?flow=${ID}&token=Zk3vQ9xL2mN8pR5tY7uW1aB4`, publicUrl).href,
    verification_code: '482913',
    verification_url: new URL(`self-service/verification?code=482913&flow=${ID}`, publicUrl).href,
    login_code: '482913',
    registration_code: '482913',
    sign_in_url: new URL('self-service/login/browser', publicUrl).href,
    changed_at: '2030-01-02T15:04:05Z',
  };
}
