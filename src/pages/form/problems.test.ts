import assert from 'node:assert/strict';
import { test } from 'node:test';
import { input } from '../../form/node.ts';
import { problemsOf, renderInfos, renderProblems, renderSuccesses } from './problems.ts';

const wrong = (text: string) => ({ id: 4000001, text, type: 'error' }) as const;
const field = {
  ...input(
    'password',
    { name: 'password', type: 'password' },
    { id: 1070001, text: 'Password', type: 'info' },
  ),
  messages: [wrong('Too short.'), { id: 1, text: 'Help.', type: 'info' } as const],
};

test('errors of the form come first, then those of the fields, each with a link to its field', () => {
  const problems = problemsOf({
    nodes: [field],
    messages: [wrong('Not now.'), { ...wrong('Hello.'), type: 'info' }],
  });
  assert.deepEqual(problems, [
    { text: 'Not now.' },
    { text: 'Too short.', label: 'Password', fieldId: 'password-password' },
  ]);
  const html = renderProblems(problems).toString();
  assert.match(html, /role="alert" tabindex="-1" autofocus/);
  assert.match(html, /<h2>Please check 2 things<\/h2>/);
  assert.match(html, /<li><a href="#password-password">Password: Too short\.<\/a><\/li>/);
});

test('one error needs no headline', () => {
  assert.equal(
    renderProblems([{ text: 'Not now.' }]).toString(),
    '<div class="notice bad" role="alert" tabindex="-1" autofocus><p>Not now.</p></div>',
  );
});

test('an error of a field that is not seen is told without a link', () => {
  const hidden = {
    ...input('default', { name: 'traits.home', type: 'hidden' }),
    messages: [wrong('Fill in.')],
  };
  const html = renderProblems(problemsOf({ nodes: [hidden], messages: [] })).toString();
  assert.match(html, /<p>Home: Fill in\.<\/p>/);
});

test('news and errors stand apart', () => {
  const messages = [
    wrong('Bad.'),
    { ...wrong('Good.'), type: 'success' },
    { ...wrong('So it is.'), type: 'info' },
  ] as const;
  assert.equal(
    renderSuccesses(messages).toString(),
    '<div class="notice good" role="status"><p>Good.</p></div>',
  );
  assert.equal(renderInfos(messages).toString(), '<p class="lead">So it is.</p>');
  assert.equal(renderProblems([]).toString(), '');
});
