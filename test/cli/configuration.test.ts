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

  it('tells what in a configuration of Kratos means something else, which is no fault', async () => {
    const { file } = await writeConfig(workplace);
    const plain = await bia(['config', 'lint', file]);
    assert.doesNotMatch(plain.err, /differs/);
    const { code, err } = await bia(['config', 'lint', '--from-kratos', file]);
    assert.equal(code, 0);
    assert.match(err, /^differs: \S*bia\.json:\d+:\d+: dsn: Bia has tables of its own.*bia import kratos$/m);
    assert.match(err, /flows\.login\.ui_url: left out, the built-in page is shown$/m);
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
    // What is left of the file is looked at in the same round.
    assert.match(err, /:9:1: identity\.default_schema_id: there is no schema "default"/);
    assert.match(err, /:12:7: identity\.schemas\.0\.url: .*could not be read/);
    assert.match(err, /4 faults in/);
  });

  it('names the variable that a value came from, and takes --dev as serve does', async () => {
    const { file } = await writeConfig(workplace);
    const env = { DEV: 'maybe', SERVE_PUBLIC_PORT: 'eighty', SECRETS_COOKIE: 'short' };
    const { code, err } = await bia(['config', 'lint', '--dev', file], { env });
    assert.equal(code, 1);
    for (const line of [
      'the variable DEV: dev: must be true or false',
      'the variable SERVE_PUBLIC_PORT: serve.public.port: must be a number',
      'the variable SECRETS_COOKIE: secrets.cookie.0: a secret needs at least 16 characters',
    ])
      assert.ok(err.includes(line), `${line}\n${err}`);
    const fine = await bia(['config', 'lint', '--dev', file], { env: { COOKIES_SAME_SITE: 'Lax' } });
    assert.match(fine.err, /warning: .*dev: development mode/);
  });

  it('tells a database of another kind with its line, and serve does in one sentence', async () => {
    const { file } = await writeConfig(workplace);
    const mysql = write('mysql.yml', 'dsn: mysql://root@db/kratos\n');
    const linted = await bia(['config', 'lint', file, mysql]);
    assert.equal(linted.code, 1);
    assert.ok(linted.err.startsWith(`${mysql}:1:1: dsn: Bia does not work with MySQL.`), linted.err);
    const served = await bia(['serve', '-c', file], { env: { DSN: 'cockroach://root@db/kratos' } });
    assert.equal(served.code, 1);
    assert.ok(
      served.err.startsWith('the variable DSN: dsn: Bia does not work with CockroachDB.'),
      served.err,
    );
    assert.doesNotMatch(served.err, / at .*\.ts/);
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

  it('tells the faults of identity schemas with file, line and trait, all of them and in words', async () => {
    const schema = write(
      'wrong.schema.json',
      [
        '{',
        '  "type": "object",',
        '  "properties": {',
        '    "traits": {',
        '      "type": "object",',
        '      "properties": {',
        '        "email": {',
        '          "type": "strng",',
        '          "ory.sh/kratos": { "verfication": { "via": "email" } }',
        '        },',
        '        "name": { "type": "object", "properties": { "first": { "maxLength": "ten" } } }',
        '      }',
        '    }',
        '  }',
        '}',
      ].join('\n'),
    );
    const configWith = (url: string) =>
      write(
        'schema.yml',
        [
          'dsn: memory',
          'selfservice:',
          '  default_browser_return_url: http://127.0.0.1/',
          'identity:',
          '  default_schema_id: person',
          '  schemas:',
          '    - id: person',
          `      url: ${url}`,
          '',
        ].join('\n'),
      );
    const { code, err } = await bia(['config', 'lint', configWith(`file://${schema}`)]);
    assert.equal(code, 1);
    const types = 'array, boolean, integer, null, number, object, string';
    const lines = [
      `8:11: the identity schema "person": the trait "email": type: there is no type "strng"; there are ${types}`,
      '9:30: the identity schema "person": the trait "email": ory.sh/kratos.verfication: is not known; did you mean "verification"?',
      '11:64: the identity schema "person": the trait "name.first": maxLength: must be a whole number, but is "ten"',
    ];
    assert.deepEqual(
      err.split('\n').slice(0, 3),
      lines.map((line) => `${schema}:${line}`),
    );

    const broken = write('broken.schema.json', '{\n  "properties": {\n    "traits": {},\n  }\n}');
    const unread = await bia(['config', 'lint', configWith(`file://${broken}`)]);
    assert.match(
      unread.err,
      /broken\.schema\.json:4:3: the identity schema "person": the schema is not JSON: /,
    );

    // A schema without a file of its own is placed where it is named.
    const inline = Buffer.from('{"properties":{"traits":{"type":"array"}}}').toString('base64');
    const file = configWith(`base64://${inline}`);
    const named = await bia(['config', 'lint', file]);
    assert.ok(
      named.err.startsWith(`${file}:8:7: identity.schemas.0.url: the identity schema "person": `),
      named.err,
    );
    assert.match(named.err, /properties\.traits: must have the type "object"/);
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
