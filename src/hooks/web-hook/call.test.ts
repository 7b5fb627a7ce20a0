// What the failures of a service become, and what is sent with each try.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '../../lib/clock.ts';
import { OutboundError, type OutboundRequest, type OutboundResponse } from '../../outbound/outbound.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { call, requestOf, type WebHookRequest } from './call.ts';

const CLOCK = createTestClock(1_614_265_330_000);
const REQUEST: WebHookRequest = {
  url: 'https://crm.example.org/in',
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{}',
  signingSecrets: [],
  isTraced: true,
};

const answering = (response: Partial<OutboundResponse> | Error, asked: OutboundRequest[] = []) => ({
  clock: CLOCK,
  outbound: {
    request: (_url: string, request: OutboundRequest = {}) => {
      asked.push(request);
      if (response instanceof Error) return Promise.reject(response);
      return Promise.resolve({ status: 200, headers: new Headers(), text: '', ...response });
    },
  },
});

const statusOf = async (response: Partial<OutboundResponse> | Error): Promise<number> => {
  try {
    return (await call(answering(response), REQUEST)).status;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return -error.status;
  }
};

test('a service that does not answer in time is a 504, any other trouble with it a 502', async () => {
  for (const kind of ['network', 'forbidden', 'too-large'] as const) {
    assert.equal(await statusOf(new OutboundError(kind, 'trouble')), -502, kind);
  }
  assert.equal(await statusOf(new OutboundError('timeout', 'late')), -504);
});

test('a redirect that is not followed is no answer, other statuses are', async () => {
  assert.equal(
    await statusOf({ status: 307, headers: new Headers({ location: 'https://else.example' }) }),
    -502,
  );
  for (const status of [200, 204, 304, 400, 422]) assert.equal(await statusOf({ status }), status);
});

test('tries of one call have numbers of their own, and one id', async () => {
  const asked: OutboundRequest[] = [];
  const secret = 'a secret that signs calls';
  await call(answering({}, asked), { ...REQUEST, signingSecrets: [secret] });
  const [{ headers = {}, headersOfTry, retries } = {}] = asked;
  assert.ok(headersOfTry);
  const [first, second] = [headersOfTry(), headersOfTry()];
  assert.equal(retries, 2);
  assert.notEqual(first['Ory-Webhook-Request-ID'], second['Ory-Webhook-Request-ID']);
  assert.equal(first['webhook-id'], headers['Ory-Webhook-Trigger-ID']);
  assert.equal(first['webhook-id'], second['webhook-id']);
  assert.ok(first['webhook-signature']);
});

const HOOK = { url: 'https://crm.example.org/in', method: 'post' };

test('a body that is cancelled makes no call, and one that is absent a call without a body', async () => {
  assert.equal(await requestOf(HOOK, () => Promise.resolve({ kind: 'cancelled' }), {}), undefined);
  const none = await requestOf(HOOK, () => Promise.resolve({ kind: 'value', value: undefined }), {});
  assert.deepEqual([none?.method, none?.headers, none?.body], ['POST', {}, undefined]);
});

test('a content type that is neither JSON nor a form is refused', async () => {
  const headers = { 'Content-Type': 'application/json; charset=utf-8' };
  const made = requestOf({ ...HOOK, headers }, () => Promise.resolve({ kind: 'value', value: 1 }), {});
  await assert.rejects(made, (error) => error instanceof ApiError && error.status === 500);
});
