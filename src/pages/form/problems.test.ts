import assert from 'node:assert/strict';
import { test } from 'node:test';
import { input } from '../../form/node.ts';
import { ENGLISH } from '../../locale/locale.ts';
import { firstWrongField, problemsOf, renderInfos, renderProblems, renderSuccesses } from './problems.ts';

const wrong = (text: string) => ({ id: 4000001, text, type: 'error' }) as const;
const field = {
  ...input(
    'password',
    { name: 'password', type: 'password' },
    { id: 1070001, text: 'Password', type: 'info' },
  ),
  messages: [wrong('Too short.'), { id: 1, text: 'Help.', type: 'info' } as const],
};

test('errors of the form stand above it; those of the fields are told at the fields alone', () => {
  const problems = problemsOf({
    nodes: [field],
    messages: [wrong('Not now.'), { ...wrong('Hello.'), type: 'info' }],
  });
  assert.deepEqual(problems, [
    { text: 'Not now.' },
    { text: 'Too short.', label: 'Password', fieldId: 'password-password' },
  ]);
  const html = renderProblems(problems, ENGLISH).toString();
  assert.match(html, /role="alert" tabindex="-1" autofocus/);
  assert.match(html, /<p>Not now\.<\/p>/);
  assert.doesNotMatch(html, /Too short/);
  assert.equal(firstWrongField(problems), undefined, 'the focus is above the form');
  assert.equal(firstWrongField(problems.slice(1)), 'password-password');
});

test('one error needs no headline', () => {
  assert.equal(
    renderProblems([{ text: 'Not now.' }], ENGLISH).toString(),
    '<div class="notice bad" role="alert" tabindex="-1" autofocus><p>Not now.</p></div>',
  );
});

test('an error of a field that is not seen is told without a link', () => {
  const hidden = {
    ...input('default', { name: 'traits.home', type: 'hidden' }),
    messages: [wrong('Fill in.')],
  };
  const html = renderProblems(problemsOf({ nodes: [hidden], messages: [] }), ENGLISH).toString();
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
  assert.equal(renderProblems([], ENGLISH).toString(), '');
});
