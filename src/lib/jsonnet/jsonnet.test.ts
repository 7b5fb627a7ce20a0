// Snippets of operators: what they see, what they may take, and that one of them never harms another.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createJsonnet, type JsonnetInput } from './jsonnet.ts';

const jsonnet = createJsonnet();
after(() => jsonnet.stop());

async function resultOf(snippet: string, input?: JsonnetInput): Promise<unknown> {
  const result = await jsonnet.evaluate(snippet, input);
  assert.ok(result.ok, `${snippet}: ${JSON.stringify(result)}`);
  return result.value;
}

async function failureOf(snippet: string, input?: JsonnetInput): Promise<string> {
  const result = await jsonnet.evaluate(snippet, input);
  assert.ok(!result.ok, `${snippet} gave ${JSON.stringify(result)}`);
  return `${result.kind}: ${result.message}`;
}

test('a function is called with its argument', async () => {
  const ctx = { recipient: 'ada@example.com', list: [1, null, true, { a: 'ä' }] };
  assert.deepEqual(await resultOf('function(ctx) ctx', { ctx }), ctx);
  assert.deepEqual(
    await resultOf('local x = 1;\nfunction(ctx) { to: ctx.recipient, x: x } // the end', { ctx }),
    {
      to: 'ada@example.com',
      x: 1,
    },
  );
});

test('external variables are values, not text', async () => {
  const variables = { claims: { email: 'a@b.c', groups: ['x'] } };
  const snippet =
    "local claims = std.extVar('claims'); { traits: { email: claims.email, n: std.length(claims.groups) } }";
  assert.deepEqual(await resultOf(snippet, { variables }), { traits: { email: 'a@b.c', n: 1 } });
  assert.match(await failureOf("std.extVar('input')", { variables }), /undefined external variable: input/);
});

test('values of every kind come back', async () => {
  for (const value of [null, true, 1.5, 'text', [], {}, [[{ a: null }]]]) {
    assert.deepEqual(await resultOf('function(ctx) ctx', { ctx: value }), value);
  }
  assert.equal(await resultOf("'runtime error: no'"), 'runtime error: no');
});

test('the standard library has what Go has and the evaluator lacks', async () => {
  assert.equal(await resultOf("std.trim(' \\n a b\\t')"), 'a b');
  assert.deepEqual(await resultOf('std.flattenDeepArray([1, [2, [3, []]]])'), [1, 2, 3]);
  assert.equal(await resultOf("std.asciiUpper('abc')"), 'ABC');
});

test('any text can be handed in, even half of a character pair', async () => {
  const odd = { a: 'x\ud800y', '\udfff': '\\ud800', pair: '😀', zero: '\u0000', sep: '\u2028"\\' };
  const expected = { a: 'x\ufffdy', '\ufffd': '\\ud800', pair: '😀', zero: '\u0000', sep: '\u2028"\\' };
  assert.deepEqual(await resultOf('function(ctx) ctx', { ctx: odd }), expected);
});

test('what a snippet says by error is its message, with the place', async () => {
  assert.equal(
    await failureOf("function(ctx)\n  error 'cancel'"),
    'snippet: runtime error: cancel (line 2, column 3)',
  );
  assert.match(await failureOf('{ a: 1,,}'), /^snippet: syntax error: .*line 1, column 8/);
  assert.match(await failureOf('function(ctx) ctx.nope', { ctx: {} }), /^snippet: no such field: nope/);
  assert.ok((await failureOf("error std.repeat('x', 100000)")).length < 1100);
});

test('files cannot be read', async () => {
  for (const snippet of [
    "import '/etc/hostname'",
    "importstr '/etc/hostname'",
    "importbin '/etc/hostname'",
  ]) {
    assert.match(await failureOf(snippet), /^snippet: .*not supported/);
  }
});

test('a snippet that never ends is stopped, and the next one is evaluated', async () => {
  const quick = createJsonnet({ timeLimitMs: 100, threads: 1 });
  try {
    const endless = 'local f(n) = if n == 0 then 0 else f(n - 1) + f(n - 1); f(60)';
    const [stopped, next] = await Promise.all([quick.evaluate(endless), quick.evaluate('1 + 1')]);
    assert.deepEqual(stopped, { ok: false, kind: 'limit', message: 'the snippet took longer than 100 ms' });
    assert.deepEqual(next, { ok: true, value: 2 });
  } finally {
    await quick.stop();
  }
});

test('a snippet that wants all the memory gets none of ours, and the next one is evaluated', async () => {
  const grow = "local d(s, n) = if n == 0 then s else d(s + s, n - 1); std.length(d('aaaaaaaa', 28))";
  assert.equal(await failureOf(grow), 'limit: the snippet needs too much memory');
  const deep = `${'['.repeat(4000)}${']'.repeat(4000)}`;
  assert.equal(await failureOf(deep), 'limit: the snippet needs too much memory');
  assert.match(await failureOf('local f(n) = f(n + 1) + 1; f(1)'), /^snippet: stack overflow/);
  assert.equal(await resultOf('1 + 1'), 2);
});

test('a result beyond the limit is refused', async () => {
  assert.equal(await failureOf("std.repeat('x', 262200)"), 'limit: the result of the snippet is too large');
  assert.equal(String(await resultOf("std.repeat('x', 262000)")).length, 262_000);
});

test('too many at once are refused at once', async () => {
  const small = createJsonnet({ threads: 1, queueLength: 1 });
  const results = await Promise.all([small.evaluate('1'), small.evaluate('2'), small.evaluate('3')]);
  assert.deepEqual(
    results.map((result) => (result.ok ? result.value : result.kind)),
    [1, 2, 'busy'],
  );
  await small.stop();
  const late = await small.evaluate('1');
  assert.equal(late.ok, false);
});

test('syntax is checked without calling anything', async () => {
  assert.equal(await jsonnet.syntaxFault("function(ctx) error 'x' + ctx.a"), undefined);
  assert.equal(await jsonnet.syntaxFault("std.extVar('claims').email"), undefined);
  assert.match((await jsonnet.syntaxFault('function(ctx) {')) ?? '', /syntax error/);
});
