import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { createTestClock } from './clock.ts';
import { createLog, type Log, type LogLevel, silentLog } from './log.ts';

function logInto(
  format: 'json' | 'text',
  level: LogLevel = 'info',
): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const clock = createTestClock(Date.UTC(2026, 6, 14, 10));
  return {
    lines,
    log: createLog({ level, format, version: '1.2.3', clock, stream: { write: (line) => lines.push(line) } }),
  };
}

test('a JSON line has time, level, service, fields and message', () => {
  const { log, lines } = logInto('json');
  log.warn('something is odd', { flow_id: 'f1', count: 2 });
  assert.equal(lines.length, 1);
  assert.deepEqual(JSON.parse(lines[0] ?? ''), {
    level: 'warning',
    time: '2026-07-14T10:00:00.000Z',
    service_name: 'Bia',
    service_version: '1.2.3',
    flow_id: 'f1',
    count: 2,
    msg: 'something is odd',
  });
});

test('a text line can be read', () => {
  const { log, lines } = logInto('text');
  log.info('request', { method: 'GET', path: '/a b', nested: { depth: [1, { two: null }] } });
  assert.deepEqual(lines, [
    '2026-07-14T10:00:00.000Z info    request method=GET path="/a b" nested.depth.0=1 nested.depth.1.two=null\n',
  ]);
});

test('text shows the stack of an error and of its cause on indented lines', () => {
  const { log, lines } = logInto('text');
  log.error('failed', { error: new Error('outer\nforged line', { cause: new RangeError('inner') }) });
  const all = (lines[0] ?? '').split('\n');
  assert.match(
    all[0] ?? '',
    /^\S+ error {3}failed error\.type=Error error\.message="outer\\nforged line" error\.cause\.type=RangeError error\.cause\.message=inner$/,
  );
  assert.ok(all.length > 4);
  assert.ok(all.slice(1, -1).every((line) => line.startsWith('    at ')));
});

test('nobody can forge a line', () => {
  for (const format of ['json', 'text'] as const) {
    const { log, lines } = logInto(format);
    log.info('one\n2026 two', { 'na\nme': 'a\nb\u2028c\u001b[31m' });
    assert.match(lines[0] ?? '', /^[^\n\u001b]+\n$/, format);
  }
});

for (const format of ['json', 'text'] as const) {
  test(`${format}: secrets are in neither fields, message nor children`, () => {
    const { log, lines } = logInto(format);
    const child = log.child({ cookie: 'c1-secret', request_id: 'r1' });
    child.info('used ory_st_s3cret', { password: 'p1-secret', note: 'Bearer b1-secret' });
    const [line = ''] = lines;
    assert.doesNotMatch(line, /secret|s3cret/);
    assert.match(line, /r1/);
  });
}

test('levels of the configuration hold, by their Kratos names too', () => {
  const written = (level: LogLevel): string => {
    const { log, lines } = logInto('json', level);
    for (const severity of ['debug', 'info', 'warn', 'error'] as const) {
      log[severity]('x');
      assert.equal(
        log.isEnabled(severity),
        lines.at(-1)?.includes(severity === 'warn' ? 'warning' : severity) ?? false,
      );
    }
    return lines.map((line) => JSON.parse(line).level).join(' ');
  };
  assert.equal(written('trace'), 'debug info warning error');
  assert.equal(written('debug'), 'debug info warning error');
  assert.equal(written('info'), 'info warning error');
  assert.equal(written('warning'), 'warning error');
  assert.equal(written('error'), 'error');
  assert.equal(written('fatal'), '');
  assert.equal(written('panic'), '');
});

test('percent signs of a message stay', () => {
  const { log, lines } = logInto('json');
  log.info('100%s of %d', { a: 1 });
  log.info('50%o');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ['100%s of %d', '50%o'],
  );
});

const HUNDRED_LINES = (format: string, end: string): string => `
  import { createLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
  const log = createLog({ level: 'info', format: '${format}' });
  for (let i = 0; i < 100; i++) log.info('line ' + i);
  ${end}`;

test('nothing is lost that waits when the process ends, flushed or not', () => {
  for (const end of ['await log.flush(); process.exit(0)', 'process.exit(0)', '']) {
    for (const format of ['json', 'text']) {
      const run = spawnSync(process.execPath, ['--input-type=module', '--eval', HUNDRED_LINES(format, end)], {
        encoding: 'utf8',
      });
      assert.equal(run.status, 0, run.stderr);
      assert.equal(run.stdout.match(/line \d/g)?.length, 100, `${format} ${end}`);
    }
  }
});

test('flushing ends where the output is a pipe or thrown away, and cannot be forced to a disk', () => {
  for (const format of ['json', 'text']) {
    for (const stdout of ['ignore', 'pipe'] as const) {
      const script = HUNDRED_LINES(format, 'await log.flush(); await log.flush(); process.exitCode = 7');
      const run = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
        stdio: ['ignore', stdout, 'pipe'],
        encoding: 'utf8',
      });
      assert.equal(run.status, 7, `${format} ${stdout} ${run.stderr}`);
    }
  }
});

test('the silent log is silent', async () => {
  assert.equal(silentLog.isEnabled('error'), false);
  silentLog.child({ a: 1 }).error('nothing');
  await silentLog.flush();
});
