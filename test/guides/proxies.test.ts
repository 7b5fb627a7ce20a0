// The configurations of the guides, as they stand there: a proxy is started with each where it is installed.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { createWorkplace, freePort, type Workplace, writeConfig } from '../cli/program.ts';
import { selfSignedCertificate } from '../support/self-signed.ts';
import { ROOT } from '../support/source-tree.ts';

const HOST = 'accounts.example.org';

/** The first block of a guide in this language. */
function blockOf(guide: string, language: string): string {
  const text = readFileSync(join(ROOT, 'docs/guides', guide), 'utf8');
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  assert.ok(block, `${guide} has no ${language}`);
  return block;
}

/** The text with something else in this place; it has to be there. */
function replaced(text: string, ...pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((all, [from, to]) => {
    assert.ok(all.includes(from), `the guide has no "${from}" any more`);
    return all.replaceAll(from, to);
  }, text);
}

interface Place {
  readonly workplace: Workplace;
  readonly port: number;
  readonly target: string;
  readonly cert: string;
  readonly key: string;
}

interface Proxy {
  readonly name: string;
  readonly version: string;
  readonly start: (place: Place) => ChildProcess;
}

const PROXIES: readonly Proxy[] = [
  {
    name: 'nginx',
    version: '-v',
    start: ({ workplace, port, target, cert, key }) => {
      const { folder } = workplace;
      const server = replaced(
        blockOf('nginx.md', 'nginx'),
        ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
        ['http://127.0.0.1:4433', target],
        ['/etc/ssl/accounts.example.org.pem', cert],
        ['/etc/ssl/accounts.example.org.key', key],
      );
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
        .join(' ');
      const file = workplace.write(
        'nginx.conf',
        `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
         events {} http { access_log off; ${temporary}\n${server}\n}`,
      );
      return spawn('nginx', ['-c', file, '-p', folder], { stdio: 'ignore' });
    },
  },
  {
    name: 'caddy',
    version: 'version',
    start: ({ workplace, port, target, cert, key }) => {
      const site = replaced(
        blockOf('caddy.md', 'caddyfile'),
        [
          'accounts.example.org {',
          `https://accounts.example.org:${port} {\n\ttls ${cert} ${key}\n\tbind 127.0.0.1`,
        ],
        ['127.0.0.1:4433', new URL(target).host],
      );
      const file = workplace.write('Caddyfile', `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`);
      const env = { ...process.env, XDG_DATA_HOME: workplace.folder, XDG_CONFIG_HOME: workplace.folder };
      return spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], { stdio: 'ignore', env });
    },
  },
];

interface Answer {
  readonly status: number;
  readonly cookies: readonly string[];
  readonly text: string;
}

/** A request as a browser sends it that has looked the name up. */
async function ask(
  port: number,
  path: string,
  of: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = of;
  const outgoing = request({
    ...{ host: '127.0.0.1', port, path, method, servername: HOST, rejectUnauthorized: false },
    headers: { Host: `${HOST}:${port}`, Accept: 'application/json', ...headers },
  });
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  return { status: response.statusCode, cookies: response.headers['set-cookie'] ?? [], text };
}

async function untilReady(port: number): Promise<void> {
  const deadlineMs = performance.now() + 15_000;
  for (;;) {
    const status = await ask(port, '/health/ready').then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    assert.ok(performance.now() < deadlineMs, 'the proxy does not answer');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

for (const proxy of PROXIES) {
  const isThere = spawnSync(proxy.name, [proxy.version]).error === undefined;
  const skip = isThere ? false : `${proxy.name} is not installed`;
  test(`people sign up and stay signed in behind ${proxy.name}, under their own address`, {
    skip,
  }, async (t) => {
    const workplace = createWorkplace();
    t.after(() => workplace.remove());
    const { file, publicUrl } = await writeConfig(workplace);
    const port = await freePort();
    const base = `https://${HOST}:${port}/`;
    const config = JSON.parse(readFileSync(file, 'utf8'));
    config.dev = false;
    config.serve.public.base_url = base;
    const server = await workplace.serve(['-c', workplace.write('behind.json', config)]);
    t.after(async () => void (await server.stop()));
    const { cert, key } = selfSignedCertificate(HOST);
    const running = proxy.start({
      ...{ workplace, port, target: publicUrl },
      cert: workplace.write('tls.pem', cert),
      key: workplace.write('tls.key', key),
    });
    t.after(async () => {
      const ended = once(running, 'exit');
      if (running.exitCode === null && running.kill('SIGTERM')) await ended;
    });
    await untilReady(port);

    const started = await ask(port, '/self-service/registration/browser');
    const flow = JSON.parse(started.text);
    assert.ok(flow.ui.action.startsWith(base), flow.ui.action);
    assert.ok(flow.request_url.startsWith(base), flow.request_url);
    const [csrf = ''] = started.cookies;
    assert.match(csrf, /; Secure/);
    const csrfNode = flow.ui.nodes.find(
      (node: { attributes: { name: string } }) => node.attributes.name === 'csrf_token',
    );
    const done = await ask(port, `/self-service/registration?flow=${flow.id}`, {
      method: 'POST',
      headers: {
        Cookie: csrf.split(';')[0] ?? '',
        'Content-Type': 'application/json',
        // Nobody chooses under which address they are counted.
        'X-Forwarded-For': '203.0.113.9',
        'X-Forwarded-Host': 'evil.example.net',
      },
      body: JSON.stringify({
        method: 'password',
        csrf_token: csrfNode.attributes.value,
        password: 'seventeen green bottles',
        traits: { email: 'ada@example.org' },
      }),
    });
    assert.equal(done.status, 200, done.text);
    const login = await ask(port, '/self-service/login/api');
    const signedIn = await ask(
      port,
      new URL(JSON.parse(login.text).ui.action).pathname + new URL(JSON.parse(login.text).ui.action).search,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': '203.0.113.9' },
        body: JSON.stringify({
          method: 'password',
          identifier: 'ada@example.org',
          password: 'seventeen green bottles',
        }),
      },
    );
    const { session, session_token } = JSON.parse(signedIn.text);
    assert.match(session.devices[0].ip_address, /^127\.0\.0\.1/);
    const whoami = await ask(port, '/sessions/whoami', { headers: { 'X-Session-Token': session_token } });
    assert.equal(whoami.status, 200);
    const evil = await ask(port, '/self-service/login/browser', {
      headers: { 'X-Forwarded-Host': 'evil.example.net' },
    });
    assert.ok(!evil.text.includes('evil.example.net'));
  });
}

test('the configuration of the guide to Kubernetes is one that Bia starts with', async (t) => {
  const workplace = createWorkplace();
  t.after(() => workplace.remove());
  const { data } = parse(blockOf('kubernetes.md', 'yaml'));
  const schema = workplace.write('person.schema.json', data['person.schema.json']);
  const text = replaced(data['bia.yml'], ['/etc/bia/person.schema.json', schema]);
  const [publicPort, adminPort] = [await freePort(), await freePort()];
  const env = {
    DSN: `sqlite://${workplace.folder}/bia.sqlite`,
    SECRETS_DEFAULT: 'a secret of thirty-two characters',
    SECRETS_COOKIE: 'another secret of thirty-two chars',
    SECRETS_CIPHER: 'c'.repeat(32),
    COURIER_SMTP_CONNECTION_URI: 'smtp://mail.example.org:587/',
    SERVE_PUBLIC_PORT: String(publicPort),
    SERVE_ADMIN_PORT: String(adminPort),
  };
  const file = workplace.write('bia.yml', text);
  const linted = await workplace.bia(['config', 'lint', file], { env });
  assert.equal(linted.code, 0, linted.out + linted.err);
  const server = await workplace.start(['serve', '-c', file, '--watch-courier'], {
    env,
    until: 'the server is running',
  });
  t.after(async () => void (await server.stop()));
  assert.equal((await fetch(`http://127.0.0.1:${publicPort}/health/ready`)).status, 200);
});
