import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csrfNode, type InputAttributes, input, methodButton, type Node } from '../../form/node.ts';
import { traitNodes, withTraitValues } from '../../form/trait-nodes.ts';
import type { JsonObject } from '../../lib/json.ts';
import { ENGLISH } from '../../locale/locale.ts';
import { renderForm } from './form.ts';
import { planSection } from './form-plan.ts';
import { labelOf } from './input-node.ts';

const GROUP = 'profile';
const save = methodButton(GROUP, GROUP, { id: 1070003, text: 'Save', type: 'info' });

function render(nodes: readonly Node[], username?: string): string {
  const options = {
    action: 'https://id.example/self-service/settings?flow=1&x=2',
    method: 'POST',
    primaryLabel: labelOf,
    fieldOptions: () => ({}),
    locale: ENGLISH,
    ...(username ? { username } : {}),
  } as const;
  return planSection([csrfNode, ...nodes, save], GROUP)
    .map((plan) => renderForm(plan, options).toString())
    .join('');
}

const field = (attributes: Omit<InputAttributes, 'node_type' | 'disabled'>, text?: string): Node =>
  input(GROUP, attributes, text === undefined ? undefined : { id: 1, text, type: 'info' });

const EVIL = `"><script>alert('x')</script><img src=x onerror=alert(1)>&amp;`;
const ESCAPED =
  '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;';

test('markup in values, labels, names, options, messages and addresses is inert', () => {
  const wrong = { id: 4000001, text: EVIL, type: 'error' } as const;
  const html = render([
    { ...field({ name: EVIL, type: 'text', value: EVIL }, EVIL), messages: [wrong] },
    field({ name: 'a', type: 'text', value: EVIL, options: [{ value: EVIL }] }, EVIL),
    field({ name: 'b', type: 'hidden', value: EVIL }),
    field({ name: 'c', type: 'checkbox', value: true }, EVIL),
    field({ name: 'd', type: 'submit', value: EVIL }, EVIL),
    field({ name: 'list.0', type: 'text', value: EVIL }),
    field({ name: 'list', type: 'text' }, EVIL),
    {
      type: 'text',
      group: GROUP,
      attributes: { node_type: 'text', id: EVIL, text: { id: 1, text: EVIL, type: 'info' } },
      messages: [],
      meta: { label: { id: 1, text: EVIL, type: 'info' } },
    },
  ]);
  assert.doesNotMatch(html, /<script|<img|alert\('x'\)/);
  assert.equal(html.split(ESCAPED).length - 1, 15);
  assert.match(html, /action="https:\/\/id\.example\/self-service\/settings\?flow=1&amp;x=2"/);
});

test('an address that runs a script is left out', () => {
  const link = (href: string): Node => ({
    type: 'a',
    group: GROUP,
    attributes: { node_type: 'a', id: 'on', href, title: { id: 1, text: 'On', type: 'info' } },
    messages: [],
    meta: {},
  });
  assert.doesNotMatch(render([link('javascript:alert(1)'), link(' JavaScript:alert(1)')]), /<a /);
  assert.match(
    render([link('https://app.example/next')]),
    /<a class="button" id="on" href="https:\/\/app\.example\/next">On<\/a>/,
  );
});

const schema: JsonObject = {
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      required: ['email', 'terms', 'plan'],
      properties: {
        email: { type: 'string', format: 'email' },
        phone: { type: 'string', format: 'tel' },
        site: { type: 'string', format: 'uri' },
        birthday: { type: 'string', format: 'date' },
        seen: { type: 'string', format: 'date-time' },
        age: { type: 'integer' },
        terms: { type: 'boolean' },
        plan: { type: 'string', enum: ['free', 'team'] },
        level: { type: 'integer', enum: [1, 2] },
        tags: { type: 'array', items: { type: 'string' } },
        homeTown: { type: 'string' },
        fixed: { const: 'as it is' },
      },
    },
  },
};
const fields = traitNodes(schema, GROUP);

/** The control of that name, as a map of its attributes. */
function control(html: string, name: string): ReadonlyMap<string, string> {
  const [, , attributes = ''] =
    new RegExp(
      `<(input|select)((?: (?!type="hidden")[\\w-]+(?:="[^"]*")?)* name="traits\\.${name}"[^>]*)>`,
    ).exec(html) ?? assert.fail(`no control for ${name}`);
  return new Map(
    [...attributes.matchAll(/ ([\w-]+)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [key, value]),
  );
}

test('a trait of every kind has the control, the keyboard and the help of its kind', () => {
  const html = render(fields);
  const facts = (name: string) => {
    const found = control(html, name);
    return ['type', 'autocomplete', 'inputmode'].map((key) => found.get(key));
  };
  assert.deepEqual(facts('email'), ['email', 'email', undefined]);
  assert.deepEqual(facts('phone'), ['tel', 'tel', undefined]);
  assert.deepEqual(facts('site'), ['url', 'url', undefined]);
  assert.deepEqual(facts('birthday'), ['date', 'bday', undefined]);
  assert.deepEqual(facts('seen'), ['text', undefined, undefined]);
  assert.deepEqual(facts('age'), ['number', undefined, 'decimal']);
  assert.deepEqual(facts('fixed'), ['text', undefined, undefined]);
  assert.match(
    html,
    /<select id="profile-traits\.plan" name="traits\.plan" required>\s*<option value="">Choose…/,
  );
  assert.match(html, /<option value="2">2<\/option>/);
  assert.match(html, /<label for="profile-traits\.homeTown">Home town/);
  assert.match(html, /id="profile-traits\.seen-hint">For example 2026-01-31T18:30:00Z/);
});

test('what is there is shown: the option is chosen, the box is ticked, the number is in the field', () => {
  const html = render(
    withTraitValues(
      fields,
      { plan: 'team', terms: true, age: 0, level: 1 },
      { prefix: 'traits', group: GROUP },
    ),
  );
  assert.match(html, /<option value="team" selected>/);
  assert.match(html, /<option value="1" selected>/);
  assert.ok(control(html, 'terms').has('checked'));
  assert.equal(control(html, 'age').get('value'), '0');
});

test('an option that is offered no more is kept until another one is chosen', () => {
  const html = render(withTraitValues(fields, { plan: 'gold' }, { prefix: 'traits', group: GROUP }));
  assert.match(html, /<option value="gold" selected>gold<\/option>/);
});

test('a box that is not ticked says no, and one that must be answered may be', () => {
  const html = render(fields);
  assert.match(html, /<input type="hidden" name="traits\.terms" value="false">\s*<label class="tick"><input/);
  assert.equal(control(html, 'terms').get('value'), 'true');
  assert.equal(control(html, 'terms').has('required'), false);
});

test('a list has a field for each entry, in order, and one to add another', () => {
  const tags = ['k', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'a'];
  const html = render(withTraitValues(fields, { tags }, { prefix: 'traits', group: GROUP }));
  const values = [...html.matchAll(/name="traits\.tags(?:\.\d+)?"(?:[^>]*?) value="([^"]*)"/g)].map(
    ([, value]) => value,
  );
  assert.deepEqual(values, [...tags, '']);
  assert.match(html, /<legend>Tags<\/legend>/);
});

test('traits that may be left empty say so', () => {
  const html = render(fields);
  assert.match(html, /<label for="profile-traits\.age">Age <span class="quiet">\(optional\)<\/span>/);
  assert.match(html, /<label for="profile-traits\.email">Email<\/label>/);
});

test('help and error are tied to the field, which is marked as wrong', () => {
  const wrong = field({ name: 'traits.seen', type: 'datetime-local', value: 'soon' }, 'Seen');
  const html = render([{ ...wrong, messages: [{ id: 4000004, text: 'This is no time.', type: 'error' }] }]);
  const found = control(html, 'seen');
  assert.equal(found.get('aria-invalid'), 'true');
  assert.equal(found.get('aria-describedby'), 'profile-traits.seen-hint profile-traits.seen-error');
  assert.match(
    html,
    /<p class="error" id="profile-traits\.seen-error"><span class="unseen">Error: <\/span>This is no time\./,
  );
  assert.equal(found.get('value'), 'soon');
});

test('a password never goes back into its field, and managers learn whose it is', () => {
  const secret = field(
    { name: 'password', type: 'password', value: 'hunter2', autocomplete: 'new-password' },
    'Password',
  );
  const html = render([secret], 'ada@example.org');
  assert.doesNotMatch(html, /hunter2/);
  assert.match(html, /<input type="text" autocomplete="username" value="ada@example\.org" readonly hidden>/);
  assert.match(
    html,
    /<button type="button" class="toggle" data-shows="profile-password" aria-pressed="false" data-hide="Hide" hidden>/,
  );
});

test('a button that only a script can press waits for it, with its call as data', () => {
  const html = render([
    field(
      {
        name: 'key',
        type: 'button',
        value: '{"a":1}',
        onclick: 'evil()',
        onclickTrigger: 'oryWebAuthnLogin',
      },
      'Use key',
    ),
  ]);
  assert.match(html, /data-onclick="oryWebAuthnLogin" data-scripted hidden>Use key</);
  assert.doesNotMatch(html, / onclick="|evil/);
});

test('of many other ways the first four are seen and the rest is folded away', () => {
  const ways = Array.from({ length: 10 }, (_, at) =>
    field({ name: 'link', type: 'submit', value: `p${at}` }, `Link ${at}`),
  );
  const html = render(ways);
  const [shown = '', folded = ''] = html.split('<details>');
  assert.equal(shown.match(/name="link"/g)?.length, 4);
  assert.equal(folded.match(/name="link"/g)?.length, 6);
  assert.match(folded, /More options \(6\)/);
});
