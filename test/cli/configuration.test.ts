import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createWorkplace, writeConfig } from './program.ts';

const workplace = createWorkplace();
const { bia, write } = workplace;
after(() => workplace.remove());

describe('bia version', () => {
  it('tells the version', async () => {
    const { code, out } = await bia(['version']);
    assert.equal(code, 0);
    assert.match(out, /^bia \d+\.\d+\.\d+ \(Node \d+/);
  });
});

describe('a wrong command line', () => {
  it('ends with 2 and says what was meant', async () => {
    assert.deepEqual(await bia(['identities', 'lsit']), {
      code: 2,
      out: '',
      err: 'bia: there is no command "bia identities lsit"\n     did you mean: bia identities list\n',
    });
  });
});

describe('bia config lint', () => {
  it('finds nothing wrong with a good file', async () => {
    const { file } = await writeConfig(workplace);
    const { code, out } = await bia(['config', 'lint', file]);
    assert.equal(code, 0);
    assert.equal(out, `${file} can be used.\n`);
  });

  it('names every fault with file, line, column and what was meant', async () => {
    const file = write(
      'bad.yml',
      [
        'dsn: memory',
        'selfservice:',
        '  default_browser_return_url: http://127.0.0.1/',
        '  flows:',
        '    login:',
        '      lifespam: 1h',
        'session:',
        '  lifespan: forever',
        'identity:',
        '  schemas:',
        '    - id: person',
        '      url: file://./missing.json',
        '',
      ].join('\n'),
    );
    const { code, out, err } = await bia(['config', 'lint', file]);
    assert.equal(code, 1);
    assert.equal(out, '');
    const [first = '', second = ''] = err.split('\n');
    assert.equal(
      first,
      `${file}:6:7: selfservice.flows.login.lifespam: unknown key; did you mean "lifespan"?`,
    );
    assert.ok(
      second.startsWith(`${file}:8:3: session.lifespan: "forever" does not have the right form`),
      second,
    );
    assert.match(err, /2 faults in/);
  });

  it('refuses dangerous values', async () => {
    const file = write(
      'danger.yml',
      [
        'dsn: memory',
        'secrets:',
        '  cookie:',
        '    - tooshort',
        'selfservice:',
        '  default_browser_return_url: http://127.0.0.1/',
        'identity:',
        '  default_schema_id: person',
        '  schemas:',
        '    - id: person',
        '      url: file://./person.json',
        '',
      ].join('\n'),
    );
    const { code, err } = await bia(['config', 'lint', '-c', file]);
    assert.equal(code, 1);
    assert.ok(err.startsWith(`${file}:4:7: secrets.cookie.0: a secret needs at least 16 characters`), err);
  });

  it('checks the identity schemas, and places their faults where they are named', async () => {
    write('wrong.schema.json', { type: 'object', properties: { email: { type: 'string' } } });
    const file = write(
      'schema.yml',
      [
        'dsn: memory',
        'selfservice:',
        '  default_browser_return_url: http://127.0.0.1/',
        'identity:',
        '  default_schema_id: person',
        '  schemas:',
        '    - id: person',
        '      url: file://./wrong.schema.json',
        '',
      ].join('\n'),
    );
    const { code, err } = await bia(['config', 'lint', file]);
    assert.equal(code, 1);
    assert.ok(err.startsWith(`${file}:8:7: identity.schemas.0.url: `), err);
    assert.match(err, /properties\.traits must have the type "object"/);
  });

  it('places a fault of the syntax too, and names the file where a key is missing', async () => {
    const broken = await bia(['config', 'lint', write('broken.yml', 'dsn: memory\nidentity: [\n')]);
    assert.equal(broken.code, 1);
    assert.match(broken.err, /broken\.yml:\d+:\d+: /);
    const empty = write('empty.yml', '{}');
    const missing = await bia(['config', 'lint', empty]);
    assert.ok(missing.err.includes(`${empty}: dsn: is missing\n`), missing.err);
  });
});

describe('bia config show', () => {
  it('shows defaults and files together, without secrets', async () => {
    const { file } = await writeConfig(workplace);
    const { code, out } = await bia(['config', 'show', '-c', file, '--format', 'json']);
    assert.equal(code, 0);
    assert.doesNotMatch(out, /thirty-two/);
    const shown = JSON.parse(out);
    assert.deepEqual(shown.secrets, { default: ['<redacted>'] });
    assert.equal(shown.session.lifespan, '24h');
    assert.equal(shown.hashers.bcrypt.cost, 4);
  });

  it('lets the environment win, and answers a single value', async () => {
    const { file } = await writeConfig(workplace);
    const env = { SESSION_LIFESPAN: '90m' };
    const { out } = await bia(['config', 'show', '-c', file, '--format', 'jsonpath=session.lifespan'], {
      env,
    });
    assert.equal(out, '1h30m\n');
  });
});
