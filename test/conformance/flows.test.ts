// The flow port: versions that count once, flows that are used up once.
import assert from 'node:assert/strict';
import type { Flow } from '../../src/flow/flow.ts';
import { csrfNode } from '../../src/form/node.ts';
import { type FlowId, newFlowId } from '../../src/lib/ids.ts';
import { onEachDatabase } from '../support/databases.ts';
import { aFlow, aPerson, UNSTORABLE } from '../support/samples.ts';

const trues = (answers: readonly boolean[]): number => answers.filter(Boolean).length;

onEachDatabase(
  'a flow comes back as it was stored, without what only lives for a request',
  async ({ stores }) => {
    const person = aPerson('ada@example.com');
    await stores.identities.insert(person);
    const flow: Flow = aFlow({
      kind: 'settings',
      returnTo: 'https://app.example/?q=\u{1F600}',
      active: 'profile',
      form: { nodes: [csrfNode], messages: [{ id: 1, type: 'info', text: '"quoted" \u0000 \ud800' }] },
      csrfDigest: 'digest',
      identityId: person.id,
      refresh: true,
      requestedAal: 'aal2',
      internal: { totp: { secret: 'x', tries: 0 }, list: [null, 1.5] },
    });
    await stores.flows.insert({ ...flow, transientPayload: { secret: 'never stored' } });
    assert.deepEqual(await stores.flows.find('settings', flow.id), flow);
  },
);

onEachDatabase('a flow is found under its own kind only', async ({ stores }) => {
  const flow = aFlow({ kind: 'login' });
  await stores.flows.insert(flow);
  assert.equal(await stores.flows.find('registration', flow.id), undefined);
  assert.equal(await stores.flows.find('login', newFlowId()), undefined);
  assert.equal(await stores.flows.findConsumed('login', flow.id), undefined);
  for (const text of UNSTORABLE) {
    // A plain text stands for an id here, as it would after a mistake elsewhere.
    assert.equal(await stores.flows.find('login', text as FlowId), undefined);
    assert.equal(await stores.flows.findConsumed('login', text as FlowId), undefined);
  }
});

onEachDatabase('save counts the version up and refuses who read an older one', async ({ stores }) => {
  const flow = aFlow();
  await stores.flows.insert(flow);
  const changed = { ...flow, state: 'sent_email', active: 'code', expiresAtMs: 9, internal: { code: 1 } };
  assert.equal(await stores.flows.save({ ...changed, transientPayload: { secret: 1 } }), true);
  assert.deepEqual(await stores.flows.find('login', flow.id), { ...changed, version: 1 });
  assert.equal(await stores.flows.save({ ...flow, state: 'too late' }), false);
  assert.deepEqual(await stores.flows.find('login', flow.id), { ...changed, version: 1 });
  assert.equal(await stores.flows.save({ ...changed, version: 1 }), true);
  assert.equal(await stores.flows.save(aFlow()), false);
});

onEachDatabase('a refused submission is stored without counting the version up', async ({ stores }) => {
  const flow = aFlow();
  await stores.flows.insert(flow);
  const refused = { ...flow, active: 'password' };
  assert.equal(await stores.flows.save(refused, { isRefused: true }), true);
  assert.deepEqual(await stores.flows.find('login', flow.id), refused);
  assert.equal(await stores.flows.save(refused), true);
  assert.equal(await stores.flows.save(refused, { isRefused: true }), false);
});

onEachDatabase('a flow that was used up is only found as such and cannot be saved', async ({ stores }) => {
  const flow = aFlow();
  await stores.flows.insert(flow);
  assert.equal(await stores.flows.consume(flow.id), true);
  assert.equal(await stores.flows.consume(flow.id), false);
  assert.equal(await stores.flows.find('login', flow.id), undefined);
  assert.deepEqual(await stores.flows.findConsumed('login', flow.id), flow);
  assert.equal(await stores.flows.findConsumed('settings', flow.id), undefined);
  assert.equal(await stores.flows.save(flow), false);
  assert.equal(await stores.flows.consume(newFlowId()), false);
});

onEachDatabase('of fifty who use a flow up at once, one does', async ({ database, stores }) => {
  const flow = aFlow();
  await stores.flows.insert(flow);
  const attempts = Array.from({ length: 50 }, (_, index) =>
    index % 2 === 0
      ? stores.flows.consume(flow.id)
      : database.transaction((inside) => inside.flows.consume(flow.id)),
  );
  assert.equal(trues(await Promise.all(attempts)), 1);
});

onEachDatabase('of fifty who save the same version at once, one does', async ({ database, stores }) => {
  const flow = aFlow();
  await stores.flows.insert(flow);
  const attempts = Array.from({ length: 50 }, (_, index) => {
    const changed = { ...flow, state: `state-${index}` };
    return index % 2 === 0
      ? stores.flows.save(changed)
      : database.transaction((inside) => inside.flows.save(changed));
  });
  const answers = await Promise.all(attempts);
  assert.equal(trues(answers), 1);
  const stored = await stores.flows.find('login', flow.id);
  assert.deepEqual([stored?.version, stored?.state], [1, `state-${answers.indexOf(true)}`]);
});

onEachDatabase('expired flows go a step at a time, used up or not', async ({ stores }) => {
  const flows = [1, 2, 3, 4].map((expiresAtMs) => aFlow({ expiresAtMs }));
  for (const flow of flows) await stores.flows.insert(flow);
  if (flows[0]) await stores.flows.consume(flows[0].id);
  assert.equal(await stores.flows.deleteExpiredBefore(4, 2), 2);
  assert.equal(await stores.flows.deleteExpiredBefore(4, 2), 1);
  assert.equal(await stores.flows.deleteExpiredBefore(4, 2), 0);
  assert.ok(flows[3] && (await stores.flows.find('login', flows[3].id)));
});
