// The configuration of docs/guides/write-a-hook.md does what the guide says.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { signatureHeaders } from '../../src/outbox/signature.ts';
import { type FlowJson, json, nodeNamed } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { PASSWORD, startServer, temporaryFile } from '../support/server.ts';
import { startSink, until } from '../support/sink.ts';
import { ROOT } from '../support/source-tree.ts';

/** The first block of a language in the guide. */
function block(language: string): string {
  const text = readFileSync(join(ROOT, 'docs/guides/write-a-hook.md'), 'utf8');
  const found = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(text)?.[1];
  assert.ok(found, `the guide has no block of ${language}`);
  return found;
}

test('the configuration of the guide refuses, changes, signs and announces', async (t) => {
  const sink = await startSink(t);
  const folder = dirname(await temporaryFile(t, 'joined.jsonnet'));
  writeFileSync(join(folder, 'joined.jsonnet'), block('jsonnet'));
  const written = block('yaml')
    .replaceAll('https://hooks.example.com', sink.origin)
    .replace('file://./joined.jsonnet', `file://${folder}/joined.jsonnet`);
  const server = await startServer(t, { config: { 'watch-courier': true, ...parse(written) } });
  const app = createNativeApp(server);
  const signUp = async (): Promise<Response> =>
    app.send(await app.start('registration'), {
      method: 'password',
      password: PASSWORD,
      traits: { email: 'ada@example.org' },
      transient_payload: { campaign: 'spring' },
    });

  sink.answer = () => ({ status: 400, json: JSON.parse(block('json')) });
  const refused = await json<FlowJson>(await signUp(), 400);
  assert.deepEqual(
    nodeNamed(refused, 'traits.email')?.messages.map(({ id }) => id),
    [1234],
  );
  assert.deepEqual(
    sink.calls.map(({ path }) => path),
    ['/may-join'],
  );

  sink.answer = () => ({ json: {} });
  const made = await json<{ identity: { id: string } }>(await signUp());
  await until(() => sink.calls.some(({ path }) => path === '/joined'), 'the event');
  const call = sink.calls.find(({ path }) => path === '/joined') ?? assert.fail();
  assert.deepEqual(call.json(), { id: made.identity.id, email: 'ada@example.org', campaign: 'spring' });
  assert.equal(call.headers['x-api-key'], 'a-key-of-the-crm');
  const expected = signatureHeaders(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], {
    id: String(call.headers['webhook-id']),
    nowMs: Number(call.headers['webhook-timestamp']) * 1_000,
    body: call.text,
  });
  assert.equal(call.headers['webhook-signature'], expected['webhook-signature']);
});
