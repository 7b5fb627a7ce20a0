import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csrfNode, input, methodButton, type Node, nodeId } from '../../form/node.ts';
import { backLabel, resendLabel } from '../../protocol/messages.ts';
import { type FormPlan, planForms, planSection, unseenValue } from './form-plan.ts';

const label = { id: 1, text: 'Go on', type: 'info' } as const;
const identifier = input('default', { name: 'identifier', type: 'text' });
const known = input('default', { name: 'identifier', type: 'hidden', value: 'ada@example.org' });
const secret = (group: string) => input(group, { name: `${group}_secret`, type: 'text' });
const press = (group: string) => methodButton(group, group, label);
const provider = (name: string) => input('social', { name: 'provider', type: 'submit', value: name }, label);

const names = (nodes: readonly Node[]): readonly string[] =>
  nodes.map((node) => `${node.group}:${nodeId(node)}`);

/** What stands in each form, its main button first. */
function show(plans: readonly FormPlan[]) {
  return plans.map((plan) => ({
    unseen: names(plan.unseen),
    body: names(plan.body),
    primary: plan.primary && names([plan.primary])[0],
    others: names([...plan.others, ...plan.quiet]),
  }));
}

test('ways that need the same field share one form, and Enter presses the one whose field one fills in', () => {
  const nodes = [csrfNode, identifier, provider('a'), press('mail'), secret('word'), press('word')];
  assert.deepEqual(show(planForms(nodes)), [
    {
      unseen: ['default:csrf_token'],
      body: ['default:identifier', 'word:word_secret'],
      primary: 'word:method',
      others: ['social:provider', 'mail:method'],
    },
  ]);
});

test('without a field of its own, the way that uses the shared field comes first, not a provider', () => {
  const [plan] = planForms([csrfNode, identifier, provider('a'), press('mail')]);
  assert.equal(plan?.primary?.group, 'mail');
});

test('ways with fields of their own are forms of their own, each with what goes along', () => {
  const nodes = [csrfNode, known, secret('app'), press('app'), secret('paper'), press('paper'), press('key')];
  assert.deepEqual(show(planForms(nodes)), [
    {
      unseen: ['default:csrf_token', 'default:identifier'],
      body: ['app:app_secret'],
      primary: 'app:method',
      others: [],
    },
    {
      unseen: ['default:csrf_token', 'default:identifier'],
      body: ['paper:paper_secret'],
      primary: 'paper:method',
      others: [],
    },
    { unseen: ['default:csrf_token', 'default:identifier'], body: [], primary: 'key:method', others: [] },
  ]);
});

test('a known identifier of a method that has nothing else goes along too', () => {
  const first = input('first', { name: 'identifier', type: 'hidden', value: 'ada' });
  const [plan] = planForms([csrfNode, first, secret('word'), press('word')]);
  assert.deepEqual(names(plan?.unseen ?? []), ['default:csrf_token', 'first:identifier']);
});

test('providers alone have no main button, whatever their number', () => {
  const [plan] = planForms([csrfNode, provider('a'), provider('b')]);
  assert.equal(plan?.primary, undefined);
  assert.equal(plan?.others.length, 2);
});

test('going back and sending again are quiet', () => {
  const back = input('profile', { name: 'screen', type: 'submit', value: 'previous' }, label);
  const again = input('mail', { name: 'resend', type: 'submit', value: 'mail' }, label);
  const plans = planForms([csrfNode, secret('mail'), press('mail'), again, back]);
  assert.deepEqual(
    plans.map((plan) => names(plan.quiet)),
    [['mail:resend'], ['profile:screen']],
  );
});

test('a button that sends to an address again, or leads back, is quiet under whatever name', () => {
  const again = input('mail', { name: 'email', type: 'submit', value: 'ada@example.org' }, resendLabel());
  const back = input('mail', { name: 'back', type: 'submit', value: '1' }, backLabel());
  const [plan] = planForms([csrfNode, secret('mail'), press('mail'), again, back]);
  assert.deepEqual(names(plan?.quiet ?? []), ['mail:email', 'mail:back']);
  assert.deepEqual(plan?.others, []);
});

test('of several hidden values of one name only the first is sent: it is the one that was chosen', () => {
  const other = input('mail', { name: 'identifier', type: 'hidden', value: 'other@example.org' });
  const [plan] = planForms([csrfNode, known, other, secret('mail'), press('mail')]);
  assert.deepEqual(names(plan?.unseen ?? []), ['default:csrf_token', 'default:identifier']);
});

test('Enter in a field of settings never presses a button that takes something away', () => {
  const removal = input('key', { name: 'key_remove', type: 'submit', value: '1' }, label);
  const nodes = [csrfNode, removal, secret('key'), press('key'), secret('other')];
  assert.deepEqual(show(planSection(nodes, 'key')), [
    { unseen: ['default:csrf_token'], body: ['key:key_secret'], primary: 'key:method', others: [] },
    { unseen: ['default:csrf_token'], body: [], primary: 'key:key_remove', others: [] },
  ]);
});

test('an empty hidden value is none', () => {
  assert.equal(unseenValue([csrfNode], 'csrf_token'), undefined);
  assert.equal(unseenValue([csrfNode, known], 'identifier'), 'ada@example.org');
});
