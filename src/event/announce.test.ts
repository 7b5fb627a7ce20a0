import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowId, IdentityId, SessionId } from '../lib/ids.ts';
import { createLog } from '../lib/log.ts';
import { createAnnouncer, eventToLogFields } from './announce.ts';
import type { SecurityEvent } from './event.ts';

const EVENT: SecurityEvent = {
  kind: 'login.refused',
  atMs: 1000,
  // Brands exist for the compiler only.
  identityId: 'i1' as IdentityId,
  sessionId: 's1' as SessionId,
  flowId: 'f1' as FlowId,
  method: 'password',
  reason: '4000006',
  clientIp: '198.51.100.7',
  requestId: 'r1',
  details: { count: 3, isNew: true, typed: 'mail@example.org', nested: { typed: 'x' } },
};

function announced(events: readonly SecurityEvent[], count: (event: SecurityEvent) => void = () => {}) {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', format: 'json', stream: { write: (line) => lines.push(line) } });
  const announce = createAnnouncer({ log, count });
  for (const event of events) announce(event);
  return lines.map((line): Record<string, unknown> => JSON.parse(line));
}

test('an event is told by its facts, without what somebody typed', () => {
  assert.deepEqual(eventToLogFields(EVENT), {
    ...{ event: 'login.refused', identity_id: 'i1', session_id: 's1', flow_id: 'f1', method: 'password' },
    ...{ reason: '4000006', client_ip: '198.51.100.7', request_id: 'r1', details: { count: 3, isNew: true } },
  });
  assert.deepEqual(eventToLogFields({ kind: 'session.issued', atMs: 1 }), { event: 'session.issued' });
  assert.equal(eventToLogFields({ ...EVENT, reason: 'no such user mail@example.org' })['reason'], 'other');
});

test('an event becomes one line and one count', () => {
  const counted: SecurityEvent[] = [];
  const lines = announced([EVENT, { kind: 'login.succeeded', atMs: 2 }], (event) => counted.push(event));
  assert.deepEqual(
    lines.map(({ level, msg }) => `${level}: ${msg}`),
    ['warning: login refused', 'info: login succeeded'],
  );
  assert.equal(counted.length, 2);
});

test('a count that fails undoes nothing', () => {
  const lines = announced([EVENT], () => {
    throw new Error('broken');
  });
  assert.deepEqual(
    lines.map(({ level, event }) => [level, event]),
    [['error', 'login.refused']],
  );
});
