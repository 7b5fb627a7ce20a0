// The doctor finds what operators get wrong, and says what to do.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { startMailServer } from '../support/mail-server.ts';
import { createWorkplace, freePort, type RunningProgram, writeConfig } from './program.ts';

const workplace = createWorkplace();
let config: Awaited<ReturnType<typeof writeConfig>>;
let server: RunningProgram;
before(async () => {
  config = await writeConfig(workplace);
  server = await workplace.serve(['-c', config.file]);
});
after(async () => {
  await server.stop();
  workplace.remove();
});

interface Finding {
  readonly name: string;
  readonly state: string;
  readonly text: string;
  readonly advice?: string;
}

async function examine(...words: readonly string[]) {
  const { out, err, code } = await workplace.bia(['doctor', ...words, '--format', 'json']);
  assert.notEqual(out, '', err);
  const findings: readonly Finding[] = JSON.parse(out);
  return { code, of: (name: string) => findings.filter((finding) => finding.name === name) };
}

/** A copy of the configuration with other settings. */
function configWith(name: string, over: object): string {
  return workplace.write(name, { ...JSON.parse(readFileSync(config.file, 'utf8')), ...over });
}

/** Something in front of the server that changes what goes through. */
async function proxy(
  t: { after(work: () => void): void },
  change: {
    readonly request?: (headers: IncomingHttpHeaders) => void;
    readonly answer?: (headers: OutgoingHttpHeaders) => void;
  },
): Promise<string> {
  const target = new URL(config.publicUrl);
  const port = await freePort();
  const front = createServer((incoming, answer) => {
    const headers = { ...incoming.headers };
    change.request?.(headers);
    const { method, url } = incoming;
    const inner = request(
      { host: target.hostname, port: target.port, method, path: url, headers },
      (response) => {
        const back = { ...response.headers };
        change.answer?.(back);
        answer.writeHead(response.statusCode ?? 502, back);
        response.pipe(answer);
      },
    );
    incoming.pipe(inner);
  }).listen(port, '127.0.0.1');
  await once(front, 'listening');
  t.after(() => front.close());
  return `http://127.0.0.1:${port}/`;
}

describe('bia doctor', () => {
  it('finds nothing wrong with an installation that is well', async () => {
    const { code, of } = await examine('-c', config.file);
    assert.equal(code, 0);
    assert.ok(of('configuration').every(({ state }) => state !== 'fault'));
    for (const name of ['secrets', 'database', 'admin port', 'public address', 'clock']) {
      assert.deepEqual(
        of(name).map(({ state }) => state),
        ['ok'],
        name,
      );
    }
    assert.deepEqual(
      of('cookies').map(({ state }) => state),
      ['ok', 'warning'],
    );
    const table = await workplace.bia(['doctor', '-c', config.file]);
    assert.match(table.out, /^CHECK +STATE +WHAT +WHAT TO DO/);
  });

  it('tells faults of the configuration before anything else', async () => {
    const { code, of } = await examine('-c', configWith('faulty.json', { sesion: {} }));
    assert.equal(code, 1);
    assert.match(of('configuration')[0]?.text ?? '', /did you mean "session"/);
  });

  it('tells that there are no secrets, that they are short, and that old ones are left', async () => {
    const none = await examine('-c', configWith('none.json', { secrets: {} }));
    assert.match(of1(none.of('secrets')), /signed out when the server starts anew/);
    const short = await examine(
      '-c',
      configWith('short.json', { secrets: { default: ['sixteen letters!!'] } }),
    );
    assert.match(of1(short.of('secrets')), /17 characters/);
    const two = ['a secret of thirty-two characters', 'another of thirty-two characters'];
    const older = await examine('-c', configWith('older.json', { secrets: { default: two } }));
    assert.match(of1(older.of('secrets')), /1 older/);
  });

  it('tells that the database has no tables, and that nothing answers', async () => {
    const dsn = `sqlite://${workplace.folder}/empty.sqlite`;
    const { code, of } = await examine('-c', configWith('empty.json', { dsn }), '-e', 'http://127.0.0.1:1');
    assert.equal(code, 1);
    assert.match(of1(of('database')), /no tables yet/);
    assert.match(of1(of('admin port')), /cannot be reached.*ECONNREFUSED/);
  });

  it('tells of a proxy that keeps the name to itself, drops cookies, or leads elsewhere', async (t) => {
    // The server takes requests to another name of this machine for ones to that name.
    const renaming = await proxy(t, {
      request: (headers) => {
        headers.host = 'localhost:1';
      },
    });
    const renamed = await examine('-c', config.file, '--public-url', renaming);
    assert.match(of1(renamed.of('public address')), /takes itself to be at http/);
    const deaf = await proxy(t, { request: (headers) => delete headers.cookie });
    assert.match(
      of1((await examine('-c', config.file, '--public-url', deaf)).of('cookies')),
      /cannot be fetched/,
    );
    const mute = await proxy(t, { answer: (headers) => delete headers['set-cookie'] });
    assert.match(of1((await examine('-c', config.file, '--public-url', mute)).of('cookies')), /no cookie/);
    const elsewhere = await examine('-c', config.file, '--public-url', `${config.adminUrl}/nowhere/`);
    assert.equal(elsewhere.code, 1);
    assert.equal(elsewhere.of('public address')[0]?.state, 'fault');
  });

  it('tells of cookies that no browser keeps, and of clocks that disagree', async (t) => {
    const spoilt = await proxy(t, {
      answer: (headers) => {
        headers['set-cookie'] = [headers['set-cookie'] ?? []].flat().map((line) => `${line}; Secure`);
        headers.date = new Date(Date.now() + 60_000).toUTCString();
      },
    });
    const { of } = await examine('-c', config.file, '--public-url', spoilt);
    assert.match(of1(of('cookies')), /no browser keeps them/);
    assert.match(of1(of('clock')), /6\d s ahead|5\d s ahead/);
    const other = await proxy(t, {
      answer: (headers) => {
        headers['set-cookie'] = [headers['set-cookie'] ?? []]
          .flat()
          .map((line) => `${line}; Domain=example.org`);
      },
    });
    assert.match(
      of1((await examine('-c', config.file, '--public-url', other)).of('cookies')),
      /for example\.org/,
    );
  });

  it('sends a mail where it is asked to, and tells why that fails', async (t) => {
    const mails = await startMailServer(t);
    const courier = (port: number) => ({
      smtp: { connection_uri: `smtp://127.0.0.1:${port}/?disable_starttls=true` },
    });
    const file = configWith('mail.json', { courier: courier(mails.port) });
    const sent = await examine('-c', file, '--mail-to', 'ops@example.org');
    assert.equal(sent.of('mail')[0]?.state, 'ok', JSON.stringify(sent.of('mail')));
    assert.deepEqual(mails.mails[0]?.to, ['ops@example.org']);
    const nobody = configWith('nobody.json', { courier: courier(await freePort()) });
    const failed = await examine('-c', nobody, '--mail-to', 'ops@example.org');
    assert.equal(failed.of('mail')[0]?.state, 'fault');
    assert.equal((await examine('-c', file)).of('mail')[0]?.state, 'warning');
  });
});

/** What one check says; it says one thing. */
function of1(findings: readonly Finding[]): string {
  assert.equal(findings.length, 1, JSON.stringify(findings));
  assert.notEqual(findings[0]?.state, 'ok');
  assert.ok(findings[0]?.advice);
  return findings[0]?.text ?? '';
}
