import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from './message.ts';
import * as messages from './messages.ts';

const when = { expiredAtMs: Date.UTC(2026, 0, 2, 3, 4, 5), nowMs: Date.UTC(2026, 0, 2, 3, 4, 35) };
const expiredContext = { expired_at: '2026-01-02T03:04:05.000Z', expired_at_unix: when.expiredAtMs / 1000 };

const TABLE: readonly (readonly [made: Message, id: number, type: Message['type'], context?: unknown])[] = [
  [messages.confirmItIsYou(), 1010003, 'info'],
  [messages.settingsSaved(), 1050001, 'success'],
  [messages.fieldTitle('E-Mail', 'traits.email'), 1070002, 'info', { title: 'E-Mail', name: 'traits.email' }],
  [messages.maskedAddress('a***@example.org'), 1070000, 'info'],
  [messages.generic('No.'), 4000001, 'error', { reason: 'No.' }],
  [messages.required('email'), 4000002, 'error', { property: 'email' }],
  [messages.tooShort(3, 2), 4000003, 'error', { min_length: 3, actual_length: 2 }],
  [messages.tooLong(3, 5), 4000017, 'error', { max_length: 3, actual_length: 5 }],
  [messages.duplicateItems(0, 1), 4000025, 'error', { index_a: 0, index_b: 1 }],
  [
    messages.wrongType(['integer'], 'number'),
    4000026,
    'error',
    { allowed_types: ['integer'], actual_type: 'number' },
  ],
  [messages.notConst(true), 4000029, 'error', { expected: 'true' }],
  [messages.notConst('yes'), 4000029, 'error', { expected: '"yes"' }],
  [messages.notConst({ a: 1 }), 4000030, 'error'],
  [
    messages.duplicateWithHints({
      availableCredentialTypes: ['x'],
      availableOidcProviders: [],
      credentialIdentifierHint: 'a',
    }),
    4000028,
    'error',
    { available_credential_types: ['x'], available_oidc_providers: [], credential_identifier_hint: 'a' },
  ],
  [messages.loginExpired(when), 4010001, 'error', expiredContext],
  [messages.registrationExpired(when), 4040001, 'error', expiredContext],
  [messages.settingsExpired(when), 4050001, 'error', expiredContext],
  [messages.recoveryExpired(when), 4060005, 'error', expiredContext],
  [messages.verificationExpired(when), 4070005, 'error', expiredContext],
  [messages.identityDisabled(), 4010011, 'error'],
];

test('messages have the numbers, types and contexts of the protocol', () => {
  for (const [made, id, type, context] of TABLE) {
    assert.deepEqual([made.id, made.type, made.context], [id, type, context]);
    assert.ok(made.text.length > 0);
    assert.equal(
      'context' in made,
      context !== undefined,
      `${id} has a context key only where it has a context`,
    );
  }
});

test('elapsed time is told in minutes with two decimals', () => {
  assert.match(messages.loginExpired(when).text, /less than a minute ago/);
  const recovered = messages.recovered({ privilegedUntilMs: when.nowMs + 900_000, nowMs: when.nowMs });
  assert.match(recovered.text, /within 15 minutes\./);
  assert.deepEqual(Object.keys(recovered.context ?? {}), [
    'privilegedSessionExpiresAt',
    'privileged_session_expires_at',
    'privileged_session_expires_at_unix',
  ]);
});
