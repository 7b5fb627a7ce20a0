// Signatures of calls, checked against the example that Standard Webhooks publishes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signatureHeaders } from './signature.ts';

const CALL = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  nowMs: 1_614_265_330_999,
  body: '{"test": 2432232314}',
};
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

test('a call is signed as Standard Webhooks has it', () => {
  assert.deepEqual(signatureHeaders([SECRET], CALL), {
    'webhook-id': CALL.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': SIGNATURE,
  });
});

test('each secret signs, so that they can be exchanged', () => {
  const { 'webhook-signature': both = '' } = signatureHeaders(['another secret of ours', SECRET], CALL);
  const [first, second] = both.split(' ');
  assert.equal(second, SIGNATURE);
  assert.match(first ?? '', /^v1,[A-Za-z0-9+/]{43}=$/);
});

test('without a secret a call still says which one it is', () => {
  assert.deepEqual(Object.keys(signatureHeaders([], CALL)), ['webhook-id', 'webhook-timestamp']);
});
