import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, NodeAttributes } from '../../form/node.ts';
import { renderPlainNode } from './plain-node.ts';

const node = (attributes: NodeAttributes, label?: string): Node => ({
  type: attributes.node_type,
  group: 'codes',
  attributes,
  messages: [],
  meta: label === undefined ? {} : { label: { id: 1, text: label, type: 'info' } },
});
const render = (attributes: NodeAttributes, label?: string): string =>
  renderPlainNode(node(attributes, label)).toString();

test('a list of codes is a list', () => {
  const code = (secret: string) => ({ id: 1, text: secret, type: 'info', context: { secret } });
  const html = render(
    {
      node_type: 'text',
      id: 'codes',
      text: { id: 1, text: 'a, b', type: 'info', context: { secrets: [code('a1'), code('<b>')] } },
    },
    'Keep these',
  );
  assert.match(
    html,
    /Keep these<\/p><ul class="codes" id="codes-codes"><li><code>a1<\/code><\/li><li><code>&lt;b&gt;<\/code><\/li><\/ul>/,
  );
});

test('a single secret is shown as code, other text as text', () => {
  const text = { id: 1, text: 'Words', type: 'info' } as const;
  assert.match(
    render({ node_type: 'text', id: 'key', text: { ...text, context: { secret: 'ABCD' } } }),
    /<code class="copyable">ABCD<\/code>/,
  );
  assert.equal(render({ node_type: 'text', id: 'key', text }), '<p id="codes-key">Words</p>');
});

test('a picture has its size, so that nothing moves, and no address that runs a script', () => {
  const image = { node_type: 'img', id: 'qr', width: 256, height: 256 } as const;
  assert.equal(
    render({ ...image, src: 'data:image/png;base64,AA==' }, 'Scan this'),
    '<p class="label">Scan this</p><p class="picture"><img id="qr" src="data:image/png;base64,AA==" width="256" height="256" alt=""></p>',
  );
  assert.equal(render({ ...image, src: 'javascript:alert(1)' }), '');
  assert.equal(render({ ...image, src: 'data:text/html,x' }), '');
});

test('a place for a script keeps its data, without names that would break out', () => {
  assert.equal(
    render({
      node_type: 'div',
      id: 'captcha',
      class: 'box',
      data: { siteKey: '"x"', n: 1, 'a onload': 'evil' },
    }),
    '<div id="captcha" class="box" data-siteKey="&quot;x&quot;" data-n="1"></div>',
  );
});

test('a script is loaded by its address, with what guards it', () => {
  const html = render({
    node_type: 'script',
    id: 'webauthn_script',
    src: 'https://id.example/.well-known/ory/webauthn.js',
    async: true,
    referrerpolicy: 'no-referrer',
    crossorigin: 'anonymous',
    integrity: 'sha512-x',
    type: 'text/javascript',
    nonce: 'n',
  });
  assert.match(
    html,
    /^<script id="webauthn_script" src="https:[^"]*webauthn\.js" async referrerpolicy="no-referrer" crossorigin="anonymous" integrity="sha512-x" type="text\/javascript" nonce="n"><\/script>$/,
  );
});
