import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMANDS } from '../commands/list.ts';
import { type Invocation, UsageError } from './command.ts';
import { wholeNumber } from './flags.ts';
import { HANDLERS } from './handlers.ts';
import { helpText } from './help.ts';
import { parseCommandLine } from './parse.ts';

const parse = (line: string, env = {}) => parseCommandLine(line.split(' ').filter(Boolean), COMMANDS, env);

function invocation(line: string, env = {}): Invocation {
  const parsed = parse(line, env);
  assert.equal(parsed.kind, 'run');
  return parsed.kind === 'run' ? parsed.invocation : assert.fail();
}

const nameOf = (line: string): string => invocation(line).command.path.join(' ');

describe('words name a command', () => {
  it('takes the words of Kratos for the same commands', () => {
    assert.equal(nameOf('list identities'), 'identities list');
    assert.equal(nameOf('get identity x'), 'identities get');
    assert.equal(nameOf('import identities a.json'), 'identities import');
    assert.equal(nameOf('validate identity a.json'), 'identities validate');
    assert.equal(nameOf('delete identity x'), 'identities delete');
    assert.equal(nameOf('ls sessions'), 'sessions list');
  });

  it('reads the older form of migrate as up, and the rest as the address of the database', () => {
    assert.equal(nameOf('migrate sql -e --yes'), 'migrate sql up');
    const { command, positionals } = invocation('migrate sql sqlite://a.sqlite --yes');
    assert.equal(command.path.join(' '), 'migrate sql up');
    assert.deepEqual(positionals, ['sqlite://a.sqlite']);
    assert.equal(nameOf('migrate sql status -e'), 'migrate sql status');
  });

  it('takes flags between them, with their values', () => {
    const { command, positionals, all, isOn } = invocation(
      'migrate -c a.yml --yes sql --config=b.yml up x://y',
    );
    assert.equal(command.path.join(' '), 'migrate sql up');
    assert.deepEqual([positionals, all('config'), isOn('yes')], [['x://y'], ['a.yml', 'b.yml'], true]);
    assert.equal(nameOf('migrate -c sql sql'), 'migrate sql up');
    assert.equal(nameOf('migrate -e sql status'), 'migrate sql status');
    assert.equal(nameOf('cleanup -e sql'), 'cleanup sql');
  });

  it('opens both ports whatever stands behind serve, as Kratos does', () => {
    for (const line of ['serve', 'serve all', 'serve public', 'serve -c a.yml admin']) {
      assert.equal(nameOf(line), 'serve');
      assert.deepEqual(invocation(line).positionals, []);
    }
  });

  it('says which command was meant', () => {
    for (const [line, hint] of [
      ['identites list', 'did you mean: bia identities'],
      ['identities lsit', 'did you mean: bia identities list'],
      ['get identit x', 'did you mean: bia get identity'],
      ['xyzzy', 'run: bia help'],
    ] as const) {
      assert.throws(() => parse(line), { name: 'UsageError', hint });
    }
  });

  it('says which words can follow', () => {
    assert.throws(() => parse('sessions'), /needs one more word: list, revoke/);
  });
});

describe('flags', () => {
  it('are repeatable, short and long, with the value apart or joined', () => {
    const { all } = invocation('serve -c a.yml --config=b.yml -cc.yml');
    assert.deepEqual(all('config'), ['a.yml', 'b.yml', 'c.yml']);
  });

  it('may be switched off in words, as programs do', () => {
    assert.equal(invocation('serve --dev').isOn('dev'), true);
    assert.equal(invocation('serve --dev=false').isOn('dev'), false);
    assert.equal(invocation('serve').text('dev'), undefined);
    assert.throws(() => parse('serve --dev=perhaps'), /--dev is a switch/);
  });

  it('mean different things under the same letter in different commands', () => {
    assert.equal(invocation('migrate sql up -e').isOn('read-from-env'), true);
    assert.equal(invocation('identities list -e http://admin').text('endpoint'), 'http://admin');
  });

  it('fall back to the environment, then to their default', () => {
    const endpoint = (line: string, env = {}) => invocation(line, env).text('endpoint');
    const env = { KRATOS_ADMIN_URL: 'http://kratos', BIA_ADMIN_URL: 'http://bia' };
    assert.equal(endpoint('identities list -e http://flag', env), 'http://flag');
    assert.equal(endpoint('identities list', env), 'http://bia');
    assert.equal(endpoint('identities list', { KRATOS_ADMIN_URL: 'http://kratos' }), 'http://kratos');
    assert.equal(endpoint('identities list'), 'http://127.0.0.1:4434');
  });

  it('that are unknown or lack a value are refused with what was meant', () => {
    assert.throws(() => parse('identities list --page-sise 3'), { hint: 'did you mean: --page-size' });
    assert.throws(() => parse('identities list -z'), /no flag -z/);
    assert.throws(() => parse('identities list --page-size'), /--page-size needs a value/);
  });

  it('with numbers stay within their bounds', () => {
    const read = (text: string) =>
      wholeNumber(invocation(`identities list --page-size ${text}`), 'page-size', { min: 1, max: 500 });
    assert.equal(read('500'), 500);
    for (const text of ['0', '501', '1e2', '0x10', 'many']) assert.throws(() => read(text), UsageError);
  });
});

describe('arguments', () => {
  it('are counted', () => {
    assert.throws(() => parse('identities get'), /needs ID/);
    assert.throws(() => parse('serve now'), /does not take "now"/);
    assert.deepEqual(invocation('identities get a b --format json c').positionals, ['a', 'b', 'c']);
  });

  it('that look like flags come after two dashes', () => {
    assert.deepEqual(invocation('identities import -- -odd.json').positionals, ['-odd.json']);
  });
});

describe('help', () => {
  it('is given for everything, a group and a command, by word and by flag', () => {
    assert.deepEqual(parse(''), { kind: 'help', path: [] });
    assert.deepEqual(parse('-h'), { kind: 'help', path: [] });
    assert.deepEqual(parse('identities --help'), { kind: 'help', path: ['identities'] });
    assert.deepEqual(parse('help migrate sql up'), { kind: 'help', path: ['migrate', 'sql', 'up'] });
    assert.deepEqual(parse('identities get --help'), { kind: 'help', path: ['identities', 'get'] });
    assert.deepEqual(parse('--version'), { kind: 'version' });
  });

  it('names every flag, argument and example of every command', () => {
    for (const command of COMMANDS) {
      const text = helpText(command.path, COMMANDS);
      assert.ok(text.startsWith(`${command.summary}\n`));
      for (const { name } of command.flags)
        assert.ok(text.includes(`--${name}`), `${command.path} --${name}`);
      for (const { name } of command.arguments ?? []) assert.ok(text.includes(name));
      for (const example of command.examples ?? []) assert.ok(text.includes(example));
    }
  });

  it('refuses unknown commands', () => {
    assert.throws(() => helpText(['srve'], COMMANDS), { hint: 'did you mean: bia serve' });
  });
});

describe('the list of commands', () => {
  it('has code for each command, and no code without one', () => {
    const named = COMMANDS.map(({ path }) => path.join(' ')).filter((name) => name !== 'help');
    assert.deepEqual(Object.keys(HANDLERS).sort(), named.sort());
  });

  it('gives no name and no letter twice', () => {
    const names = COMMANDS.flatMap(({ path, aliases = [] }) =>
      [path, ...aliases].map((words) => words.join(' ')),
    );
    assert.equal(new Set(names).size, names.length);
    for (const { flags, path } of COMMANDS) {
      const letters = flags.flatMap(({ short }) => short ?? []);
      assert.equal(new Set(letters).size, letters.length, path.join(' '));
    }
  });

  it('has examples that can be parsed', () => {
    for (const example of COMMANDS.flatMap(({ examples = [] }) => examples)) {
      const words = example
        .replace(/^(?:\S+=\S+ )?bia /, '')
        .replace(/ < .*$/, '')
        .split(' ');
      assert.equal(parseCommandLine(words, COMMANDS, {}).kind, 'run', example);
    }
  });
});
