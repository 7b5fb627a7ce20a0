import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultConfig } from '../../config/default.ts';
import { createConfigLoader } from '../../config/load.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { CliDeps, RunningServer, ServeRequest } from '../line/command.ts';
import { runCommandLine } from '../line/run.ts';
import { createTestIo } from '../line/test-io.ts';
import { startText } from './serve.ts';

function server(over: JsonObject = {}): RunningServer & { readonly stops: () => number } {
  const loader = createConfigLoader({ methods: [], hooks: [], absentMethods: [] });
  // Methods and hooks are known to the composition root only.
  const selfservice = { default_browser_return_url: 'http://127.0.0.1:4433/' };
  const base = { ...defaultConfig('data'), selfservice, ...over };
  const { config } = loader.load({ files: [], env: {}, base });
  let stops = 0;
  return {
    publicUrl: 'http://127.0.0.1:4433/',
    adminUrl: 'http://127.0.0.1:4434/',
    listensOn: 'http://127.0.0.1:4433/',
    bia: {
      config,
      database: { kind: 'sqlite', migrationStatus: async () => [] },
      trustedProxies: ['127.0.0.0/8', '10.1.2.0/24'],
      warnings: [
        { key: 'dev', reason: 'development mode' },
        { key: 'pages.accent', reason: 'no colour', place: { file: 'bia.yml', line: 2, column: 1 } },
      ],
    },
    stop: async () => {
      stops += 1;
    },
    stops: () => stops,
  };
}

const depsOf = (serve: (request: ServeRequest) => Promise<RunningServer>): CliDeps => ({
  serve,
  createLoader: () => Promise.reject(new Error('not asked for')),
  watchCourier: () => Promise.reject(new Error('not asked for')),
  importKratos: () => Promise.reject(new Error('not asked for')),
  openDatabase: () => Promise.reject(new Error('not asked for')),
  cleanUp: () => Promise.reject(new Error('not asked for')),
  backups: () => Promise.reject(new Error('not asked for')),
  reseal: () => Promise.reject(new Error('not asked for')),
});

describe('the text after the start', () => {
  it('says where to go, and without a file what to do next', () => {
    const text = startText(server(), { hasFiles: false, hasDsn: false });
    assert.match(text, /No configuration file: using \.\/data \(development mode\)/);
    assert.match(text, /Public {4}http:\/\/127\.0\.0\.1:4433\//);
    assert.match(text, /Admin {5}http:\/\/127\.0\.0\.1:4434\//);
    assert.match(
      text,
      /Proxies {3}X-Forwarded-For and the like are believed from 127\.0\.0\.0\/8, 10\.1\.2\.0\/24\n/,
    );
    assert.match(text, /Database {2}SQLite data\/bia\.sqlite\n/);
    assert.match(text, /http:\/\/127\.0\.0\.1:4433\/ui\/registration/);
  });

  it('never shows the password of the database', () => {
    const text = startText(server({ dsn: 'postgres://bia:hush@db/people', dev: false }), {
      hasFiles: true,
      hasDsn: false,
    });
    assert.match(text, /PostgreSQL db\/people/);
    assert.match(text, /Mode {6}production\n/);
    assert.doesNotMatch(text, /hush|No configuration file/);
  });

  it('names the mailbox where messages appear instead of being sent, and only there', () => {
    const of = { hasFiles: true, hasDsn: false };
    assert.match(startText(server(), of), /Mailbox {3}http:\/\/127\.0\.0\.1:4433\/dev\/inbox/);
    const mailServer = { courier: { smtp: { connection_uri: 'smtp://localhost/' } } };
    for (const other of [{ dev: false }, mailServer]) {
      assert.doesNotMatch(startText(server(other), of), /Mailbox|dev\/inbox/);
    }
    // By another name the mailbox would not open.
    const named = { ...server(), publicUrl: 'http://id.example.org/' };
    assert.match(startText(named, of), /http:\/\/127\.0\.0\.1:4433\/dev\/inbox/);
  });

  it('is one line of JSON where the log is JSON', () => {
    const text = startText(server({ log: { format: 'json' } }), { hasFiles: true, hasDsn: false });
    assert.equal(JSON.parse(text).public_url, 'http://127.0.0.1:4433/');
  });
});

describe('serve', () => {
  it('hands on files and only the flags that were given, and stops at a signal', async () => {
    const running = server();
    const requests: ServeRequest[] = [];
    let signal = (): void => assert.fail('no signal is listened for');
    const io = createTestIo({
      env: { DSN: 'memory' },
      onStopSignal: (listener) => {
        signal = listener;
      },
    });
    const deps = depsOf(async (request) => {
      requests.push(request);
      // Already during the start.
      signal();
      return running;
    });
    assert.equal(await runCommandLine(['serve', '-c', 'a.yml,b.yml', '--watch-courier'], io, deps), 0);
    assert.deepEqual(requests, [
      { files: ['a.yml', 'b.yml'], env: { DSN: 'memory' }, flags: { 'watch-courier': true } },
    ]);
    assert.equal(running.stops(), 1);
    assert.equal(io.written().err, 'warning: bia.yml:2:1: pages.accent: no colour\n');
  });

  it('ends at once at a second signal, but not at the echo of the first', async () => {
    let nowMs = 0;
    const exits: number[] = [];
    let signal = (): void => undefined;
    const io = createTestIo({
      nowMs: () => nowMs,
      exitNow: (code) => exits.push(code),
      onStopSignal: (listener) => {
        signal = listener;
      },
    });
    const stopping = {
      ...server(),
      stop: async () => {
        signal();
        assert.deepEqual(exits, []);
        nowMs = 2_000;
        signal();
      },
    };
    await runCommandLine(
      ['serve'],
      io,
      depsOf(async () => {
        signal();
        return stopping;
      }),
    );
    assert.deepEqual(exits, [1]);
  });

  it('says what to do where a port is taken', async () => {
    const io = createTestIo();
    const taken = Object.assign(new Error('listen EADDRINUSE'), {
      code: 'EADDRINUSE',
      port: 4433,
      address: '0.0.0.0',
    });
    assert.equal(
      await runCommandLine(
        ['serve'],
        io,
        depsOf(() => Promise.reject(taken)),
      ),
      1,
    );
    assert.match(io.written().err, /port 4433 of 0\.0\.0\.0 is already taken/);
    assert.match(io.written().err, /serve\.public\.port/);
  });
});
