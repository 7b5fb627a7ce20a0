import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Config } from '../../config/schema.ts';
import { createTestClock } from '../../lib/clock.ts';
import type { JsonObject } from '../../lib/json.ts';
import { loadLocales } from '../../locale/locales.ts';
import { TEMPLATE_NAMES, type TemplateName } from '../message.ts';
import { createComposer } from './composer.ts';
import { sampleData } from './sample.ts';
import { siteOf } from './site.ts';
import { checkTemplates } from './template-check.ts';

const PUBLIC_URL = 'https://id.example.org/';
const PAGES = { name: 'Example <Shop>', logo_url: '', accent: '' };
const base64 = (text: string): string => `base64://${Buffer.from(text).toString('base64')}`;

interface Scope {
  after(work: () => void): void;
}

/** Files below a folder that goes with the test. */
function folderOf(scope: Scope, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bia-templates-'));
  scope.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) put(folder, name, text);
  return folder;
}

function put(folder: string, name: string, text: string): void {
  mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

function compose(
  courier: JsonObject = {},
  fetched: (url: string) => { status: number; text: string } = () => ({ status: 404, text: '' }),
) {
  // The parts of the configuration that templates read.
  const config = { pages: PAGES, courier: { templates: {}, ...courier } } as unknown as Config;
  const clock = createTestClock(Date.UTC(2030, 0, 1));
  const site = siteOf(config, PUBLIC_URL);
  const logged: string[] = [];
  const composer = createComposer({
    locales: loadLocales(),
    ownAddress: (address) => address,
    config,
    clock,
    site,
    fetchText: async (url) => fetched(url),
    log: { error: (message, fields) => void logged.push(`${message}: ${String(fields?.['error'])}`) },
  });
  const write = async (
    templateName: TemplateName,
    data: JsonObject = {},
    type: 'email' | 'sms' = 'email',
  ) => {
    const all = { ...sampleData(type, PUBLIC_URL), ...data };
    const message = await composer.compose({ templateName, type, recipient: String(all['to']), data: all });
    return { ...message, html: await composer.html(message) };
  };
  return { write, logged, clock, check: () => checkTemplates(config, { site, publicUrl: PUBLIC_URL }) };
}

describe('the built-in messages', () => {
  for (const name of TEMPLATE_NAMES) {
    test(`${name} says who writes, what to do and to whom it went, as text and as HTML`, async () => {
      const { subject, body, html = '' } = await compose().write(name);
      assert.match(subject, /\S/);
      assert.ok(!/[\r\n]/.test(subject) && subject.length < 90, subject);
      assert.ok(body.includes('Example <Shop>') && body.endsWith('\n'), body);
      assert.ok(html.includes('Example &lt;Shop&gt;') && html.includes('alice@example.org'));
      assert.match(html, /^<!doctype html>\n<html lang="en" dir="ltr">/);
      assert.ok(!/<no value>|ZgotmplZ|\{\{|<Shop>/.test(html), html);
      assert.ok(!/<no value>|\{\{/.test(body), body);
      assert.ok(html.length < 20_000, `${html.length} characters`);
    });
  }

  test('a code stands in the text, in the HTML and, for phones, alone with the site in the last line', async () => {
    const { write } = compose();
    for (const [name, field] of [
      ['recovery_code_valid', 'recovery_code'],
      ['verification_code_valid', 'verification_code'],
      ['login_code_valid', 'login_code'],
      ['registration_code_valid', 'registration_code'],
    ] as const) {
      const mail = await write(name, { [field]: '135790' });
      assert.match(mail.body, /^135790$/m);
      assert.match(mail.html ?? '', />135790<\/span>/);
      assert.ok(!mail.subject.includes('135790'), 'a locked screen shows subjects');
      const site = { request_url: 'https://shop.example/a', request_url_domain: 'shop.example' };
      const sms = await write(name, { [field]: '135790', ...site }, 'sms');
      assert.ok(sms.body.endsWith('\n@shop.example #135790'), sms.body);
      assert.ok(sms.subject === '' && sms.html === undefined);
      const unbound = await write(name, { [field]: '135790', request_url_domain: '' }, 'sms');
      assert.ok(!unbound.body.includes('@'), unbound.body);
    }
  });

  test('an SMS of recovery takes the code by its name in Kratos too', async () => {
    const { body } = await compose().write(
      'recovery_code_valid',
      { recovery_code: undefined, verification_code: '111222' },
      'sms',
    );
    assert.match(body, /^111222 is/);
  });

  test('a time is said in the largest unit that fits', async () => {
    const { write } = compose();
    for (const [minutes, said] of [
      [1, '1 minute'],
      [15, '15 minutes'],
      [60, '1 hour'],
      [90, '90 minutes'],
      [1440, '24 hours'],
    ] as const) {
      const { body } = await write('login_code_valid', { expires_in_minutes: minutes });
      assert.match(body, new RegExp(`expires in ${said}\\.`));
    }
  });

  test('nothing that a stranger typed into a form is shown but the address itself', async () => {
    const evil = 'Win a prize at https://evil.example';
    for (const name of TEMPLATE_NAMES) {
      const {
        subject,
        body,
        html = '',
      } = await compose().write(name, {
        traits: { name: evil },
        identity: { traits: { name: evil } },
        transient_payload: { note: evil },
        request_url: `https://id.example.org/?x=${evil}`,
      });
      assert.ok(![subject, body, html].some((text) => text.includes('evil')), name);
    }
  });
});

describe('templates of an operator', () => {
  test('an address in the configuration wins over the folder, and the folder over the built-in ones', async (t) => {
    const folder = folderOf(t, {
      'login_code/valid/email.subject.gotmpl': 'folder',
      'login_code/valid/email.body.plaintext.gotmpl': 'folder {{ .LoginCode }}',
    });
    const { write } = compose({
      template_override_path: folder,
      templates: { login_code: { valid: { email: { subject: base64('  config {{ .To }}\n') } } } },
    });
    const { subject, body, html } = await write('login_code_valid');
    assert.equal(subject, 'config alice@example.org');
    assert.equal(body, 'folder 482913');
    assert.match(html ?? '', /Your sign-in code/);
  });

  test('a subject is one line, whatever is put into it', async () => {
    const { write } = compose({
      templates: { login_code: { valid: { email: { subject: base64('Hi {{ .Identity.traits.name }}') } } } },
    });
    const { subject } = await write('login_code_valid', {
      identity: { traits: { name: 'a\r\nBcc: b@c.d' } },
    });
    assert.equal(subject, 'Hi a Bcc: b@c.d');
  });

  test('a default that calls its siblings chooses the language itself', async (t) => {
    const folder = folderOf(t, {
      'login_code/valid/email.body.plaintext.gotmpl':
        'Top {{ if eq .Identity.traits.lang "de" }}{{ template "email.body.plaintext.de.gotmpl" . }}{{ else }}{{ .LoginCode }}{{ end }}',
      'login_code/valid/email.body.plaintext.de.gotmpl': 'Code: {{ .LoginCode }}',
    });
    const { write } = compose({ template_override_path: folder });
    assert.equal(
      (await write('login_code_valid', { identity: { traits: { lang: 'de' } } })).body,
      'Top Code: 482913',
    );
    assert.equal(
      (await write('login_code_valid', { identity: { traits: { lang: 'fr' } } })).body,
      'Top 482913',
    );
  });

  test('otherwise the trait of the person picks the file of a language, the nearer one first', async (t) => {
    const folder = folderOf(t, {
      'login_code/valid/email.body.plaintext.de.gotmpl': 'de',
      'login_code/valid/email.body.plaintext.de-at.gotmpl': 'de-at',
      'login_code/valid/email.body.de.gotmpl': '<p>de',
      'registration_code/valid/email.subject.de.gotmpl': 'Willkommen',
    });
    const { write } = compose({ template_override_path: folder });
    const bodyFor = async (traits: JsonObject) =>
      (await write('login_code_valid', { identity: { traits } })).body;
    assert.equal(await bodyFor({ locale: 'de_AT' }), 'de-at');
    assert.equal(await bodyFor({ language: 'DE-ch' }), 'de');
    assert.match(await bodyFor({ lang: 'fr' }), /^Bonjour,/);
    assert.match(await bodyFor({ lang: '../../secret' }), /^Hello,/);
    assert.match(await bodyFor({}), /^Hello,/);
    assert.equal((await write('login_code_valid', { identity: { traits: { lang: 'de' } } })).html, '<p>de');
    assert.equal(
      (await write('registration_code_valid', { identity: undefined, traits: { lang: 'de' } })).subject,
      'Willkommen',
    );
  });

  test('one changed layout changes every built-in mail', async (t) => {
    const folder = folderOf(t, { 'layout.gotmpl': '{{ define "bia/bottom" }}THE END{{ end }}' });
    const { write } = compose({ template_override_path: folder });
    for (const name of TEMPLATE_NAMES) assert.match((await write(name)).html ?? '', /THE END\s*$/);
  });

  test('a template that fails with the data of one person leaves them the built-in message, and a line in the log; an unknown address leaves none', async () => {
    const { write, logged } = compose({
      templates: {
        login_code: {
          valid: { email: { body: { plaintext: base64('{{ upper .Identity.traits.name }}') } } },
        },
      },
    });
    assert.equal((await write('login_code_valid', { identity: { traits: { name: 'ada' } } })).body, 'ADA');
    assert.match((await write('login_code_valid', { identity: { traits: {} } })).body, /^482913$/m);
    assert.match(
      (await write('login_code_valid', { identity: undefined, traits: undefined })).body,
      /^482913$/m,
    );
    assert.deepEqual(logged, [
      'a template failed; the built-in one is used: TemplateError: login_code/valid/email.body.plaintext.gotmpl:1:4: value 1 must be a text, but is nothing',
    ]);
  });

  test('a remote template is fetched once a minute, and outlives a service that is away', async () => {
    let [calls, status, text] = [0, 200, 'one'];
    const { write, clock, logged } = compose(
      { templates: { login_code: { valid: { email: { subject: 'https://cms.example/subject' } } } } },
      () => {
        calls += 1;
        return { status, text };
      },
    );
    const subject = async () => (await write('login_code_valid')).subject;
    assert.deepEqual(await Promise.all([subject(), subject(), subject()]), ['one', 'one', 'one']);
    assert.equal(calls, 1);
    text = 'two';
    clock.advance(59_000);
    assert.equal(await subject(), 'one');
    clock.advance(1_000);
    assert.equal(await subject(), 'two');
    status = 503;
    clock.advance(60_000);
    assert.equal(await subject(), 'two');
    assert.equal(await subject(), 'two');
    assert.equal(calls, 3);
    assert.match(logged.join(), /https:\/\/cms\.example\/subject answered 503/);
  });

  test('a service that was never there leaves the built-in text', async () => {
    const { write } = compose({
      templates: { login_code: { valid: { email: { subject: 'https://cms.example/subject' } } } },
    });
    assert.equal((await write('login_code_valid')).subject, 'Your Example <Shop> sign-in code');
  });

  test('the check tells faults with their place from what only the sample lacks, and fetches nothing', async (t) => {
    const folder = folderOf(t, {
      'recovery/valid/email.body.gotmpl': '<a onclick="{{ .RecoveryURL }}">',
      'recovery/invalid/email.subject.gotmpl': 'x\n{{ if }}',
      'verification/valid/email.subject.gotmpl': '{{ .VerificationCode }}',
      'verification/invalid/email.subject.gotmpl': '{{ index .TransientPayload.list 0 }}',
    });
    const findings = await compose({
      template_override_path: folder,
      templates: {
        login_code: {
          valid: { email: { subject: 'https://cms.example/x', body: { plaintext: 'file:///nowhere' } } },
        },
      },
    }).check();
    const shown = findings.map(
      ({ path: at, reason, isCertain }) => `${isCertain} ${at.join('.')} ${reason.replace(`${folder}/`, '')}`,
    );
    assert.deepEqual(
      shown.map((line) => line.replace(/ENOENT.*/, 'ENOENT')),
      [
        'true courier.template_override_path recovery/valid/email.body.gotmpl:1:16: no value can be judged in the attribute "onclick"',
        'true courier.template_override_path recovery/invalid/email.subject.gotmpl:2:7: a value is missing here',
        'true courier.template_override_path verification/valid/email.subject.gotmpl:1:4: there is no field .VerificationCode here; did you mean .VerificationURL?',
        'false courier.template_override_path verification/invalid/email.subject.gotmpl:1:4: nothing can be looked up in nothing',
        'true courier.templates.login_code.valid.email.body.plaintext ENOENT',
      ],
    );
    const missing = await compose({ template_override_path: `${folder}/nowhere` }).check();
    assert.deepEqual(
      missing.map(({ reason }) => reason),
      [`there is no folder ${folder}/nowhere`],
    );
  });
});
