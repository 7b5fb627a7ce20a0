import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { createWorkplace, writeConfig } from './program.ts';

const workplace = createWorkplace();
const { bia, write, folder } = workplace;
after(() => workplace.remove());

/** A configuration beside the others that names this folder. */
async function configWith(overrides: string): Promise<string> {
  const { file } = await writeConfig(workplace);
  const config = JSON.parse(readFileSync(file, 'utf8'));
  return write('courier.json', { ...config, courier: { template_override_path: overrides } });
}

describe('bia courier preview', () => {
  it('shows each part of a message, built in or of the configuration, in a language', async () => {
    const overrides = path.join(folder, 'own');
    mkdirSync(path.join(overrides, 'login_code/valid'), { recursive: true });
    write('own/login_code/valid/sms.body.de.gotmpl', 'Dein Code: {{ .LoginCode }}');
    const config = await configWith(overrides);
    assert.deepEqual(await bia(['courier', 'preview', 'login_code_valid', '--format', 'subject']), {
      code: 0,
      out: 'Your Bia sign-in code\n',
      err: '',
    });
    const german = [
      'courier',
      'preview',
      'login_code_valid',
      '--type',
      'sms',
      '-c',
      config,
      '--language',
      'de',
    ];
    assert.equal((await bia(german)).out, 'Dein Code: 482913\n');
    const data = write('data.json', { login_code: '777111' });
    assert.equal((await bia([...german, '--data', data])).out, 'Dein Code: 777111\n');
    const output = path.join(folder, 'mail.html');
    const html = await bia(['courier', 'preview', 'login_code_valid', '--format', 'html', '-o', output]);
    assert.deepEqual([html.code, html.out], [0, '']);
    assert.match(readFileSync(output, 'utf8'), /^<!doctype html>/);
  });

  it('says what is wrong, and does not fall back on the built-in text', async () => {
    mkdirSync(path.join(folder, 'bad/login_code/valid'), { recursive: true });
    write('bad/login_code/valid/email.subject.gotmpl', 'Hi\n{{ .LoginCod }}');
    const config = await configWith(path.join(folder, 'bad'));
    const fault = /email\.subject\.gotmpl:2:4: there is no field \.LoginCod here; did you mean \.LoginCode\?/;
    const preview = await bia(['courier', 'preview', 'login_code_valid', '-c', config, '-f', 'subject']);
    assert.equal(preview.code, 1);
    assert.match(preview.err, fault);
    const lint = await bia(['config', 'lint', config]);
    assert.equal(lint.code, 1);
    assert.match(lint.err, fault);
    const unknown = await bia(['courier', 'preview', 'login_code']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /there is no template "login_code"/);
    assert.equal((await bia(['courier', 'preview', 'recovery_invalid', '--type', 'sms'])).code, 1);
  });
});

describe('bia courier templates export', () => {
  it('writes every built-in template, which then can be used as they are, and keeps what is changed', async () => {
    mkdirSync(path.join(folder, 'out/login_code/valid'), { recursive: true });
    const changed = write('out/login_code/valid/email.subject.gotmpl', 'Mine');
    const { code, out } = await bia(['courier', 'templates', 'export', 'out']);
    assert.equal(code, 0);
    assert.match(out, /kept {2}out\/login_code\/valid\/email\.subject\.gotmpl/);
    assert.equal(readFileSync(changed, 'utf8'), 'Mine');
    assert.ok(existsSync(path.join(folder, 'out/layout.gotmpl')));
    const config = await configWith(path.join(folder, 'out'));
    const lint = await bia(['config', 'lint', config]);
    assert.deepEqual(
      [lint.code, lint.out],
      [
        0,
        `${config} can be used.
`,
      ],
    );
    assert.doesNotMatch(lint.err, /gotmpl/);
    const [own, builtIn] = await Promise.all([
      bia(['courier', 'preview', 'verification_valid', '-f', 'html', '-c', config]),
      bia([
        'courier',
        'preview',
        'verification_valid',
        '-f',
        'html',
        '-c',
        (await writeConfig(workplace)).file,
      ]),
    ]);
    assert.equal(own.out.replace(/127\.0\.0\.1:\d+/g, ''), builtIn.out.replace(/127\.0\.0\.1:\d+/g, ''));
  });
});
