// An operator writes the mails: by the configuration and in a folder, in the language of whoever reads them.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ParsedMail } from 'mailparser';
import type { JsonObject } from '../../src/lib/json.ts';
import { createAdmin } from '../support/admin.ts';
import { eventually } from '../support/courier.ts';
import { startMailServer } from '../support/mail-server.ts';
import { createNativeApp } from '../support/native-app.ts';
import { PERSON_SCHEMA, schemaUrl, startServer, temporaryFile } from '../support/server.ts';

/** The person of all tests, with a language. */
const SCHEMA = JSON.parse(
  JSON.stringify(PERSON_SCHEMA).replace('"name":', '"lang":{"type":"string"},"name":'),
) as JsonObject;
const base64 = (text: string): string => `base64://${Buffer.from(text).toString('base64')}`;

async function open(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  templates: JsonObject = {},
  use = 'code',
) {
  const mails = await startMailServer(t);
  const folder = path.dirname(await temporaryFile(t, 'templates'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const server = await startServer(t, {
    config: {
      'watch-courier': true,
      pages: { name: 'Ölfarben' },
      identity: { default_schema_id: 'person', schemas: [{ id: 'person', url: schemaUrl(SCHEMA) }] },
      selfservice: {
        methods: { code: { enabled: true }, link: { enabled: true } },
        flows: { recovery: { enabled: true, use } },
      },
      courier: {
        smtp: {
          connection_uri: `smtp://127.0.0.1:${mails.port}/?disable_starttls=true`,
          from_address: 'a@example.org',
        },
        template_override_path: folder,
        templates,
      },
    },
  });
  return {
    server,
    mails,
    recover: async (traits: JsonObject, values: JsonObject = {}): Promise<ParsedMail> => {
      const created = await createAdmin(server).post('/admin/identities', { schema_id: 'person', traits });
      assert.equal(created.status, 201);
      const app = createNativeApp(server);
      const flow = await app.start('recovery');
      await app.send(flow, { method: use, email: traits['email'], ...values });
      const mail = await eventually('the mail', async () =>
        mails.mails.find(({ to }) => to.includes(String(traits['email']))),
      );
      return mail.parsed();
    },
  };
}

test('a person reads the mail in their language, everybody else in the default one, and all of it can be trusted', async (t) => {
  const { recover } = await open(
    t,
    {
      'recovery_code/valid/email.body.plaintext.de.gotmpl':
        'Hallo {{ .Identity.traits.name | default "du" }}, dein Code: {{ .RecoveryCode }} ({{ .ExpiresInMinutes }} Minuten){{ with .TransientPayload.shop }} für {{ . }}{{ end }}',
      'recovery_code/valid/email.body.de.gotmpl':
        '<p>Hallo {{ .Identity.traits.name }}: <b>{{ .RecoveryCode }}</b> <a href="{{ .TransientPayload.link }}">weiter</a></p>',
    },
    { recovery_code: { valid: { email: { subject: base64('{{ .Site.Name }}: {{ .To }}') } } } },
  );
  const german = await recover(
    { email: 'zoe@example.org', name: 'Zoë <b>', lang: 'de-AT' },
    { transient_payload: { shop: 'Wien', link: 'javascript:alert(1)' } },
  );
  assert.equal(german.subject, 'Ölfarben: zoe@example.org');
  const [, code = ''] =
    /^Hallo Zoë <b>, dein Code: (\d{6}) \(60 Minuten\) für Wien$/.exec(german.text?.trim() ?? '') ?? [];
  assert.notEqual(code, '');
  assert.equal(
    String(german.html).trim(),
    `<p>Hallo Zoë &lt;b&gt;: <b>${code}</b> <a href="#ZgotmplZ">weiter</a></p>`,
  );

  const other = await recover({ email: 'ada@example.org', name: 'Ada' });
  assert.equal(other.subject, 'Ölfarben: ada@example.org');
  assert.match(other.text ?? '', /^Hello,\n\nWe received a request to recover your Ölfarben account\./);
  assert.match(String(other.html), /<html lang="en" dir="ltr">[\s\S]*Ölfarben/);
});

test('a mail with a link sees the transient payload too', async (t) => {
  const { recover } = await open(
    t,
    { 'recovery/valid/email.body.plaintext.gotmpl': '{{ .TransientPayload.shop }} {{ .RecoveryURL }}' },
    {},
    'link',
  );
  const mail = await recover({ email: 'ada@example.org' }, { transient_payload: { shop: 'Wien' } });
  assert.match(
    mail.text ?? '',
    /^Wien http:\/\/id\.example\.org\/self-service\/recovery\?flow=[-\w]+&token=\w+\s*$/,
  );
});

test('a template that does not parse is refused at start, by file, line and column', async (t) => {
  await assert.rejects(
    open(t, { 'recovery_code/valid/email.subject.gotmpl': 'Code\n{{ .RecoveryCode | uper }}' }),
    /courier\.template_override_path: .*recovery_code\/valid\/email\.subject\.gotmpl:2:20: there is no function "uper"/,
  );
  await assert.rejects(
    open(t, {}, { recovery_code: { valid: { email: { body: { html: base64('<b>{{ .Code }}') } } } } }),
    /courier\.templates\.recovery_code\.valid\.email\.body\.html: .*:1:7: there is no field \.Code here/,
  );
});
