import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPrivateAddress, publicLookup } from './private-network.ts';

const TABLE = [
  ['127.0.0.1', true],
  ['127.255.255.254', true],
  ['0.0.0.0', true],
  ['10.1.2.3', true],
  ['172.15.255.255', false],
  ['172.16.0.1', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['192.168.1.1', true],
  ['169.254.169.254', true],
  ['100.64.0.1', true],
  ['224.0.0.1', true],
  ['255.255.255.255', true],
  ['8.8.8.8', false],
  ['::', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:a00:1', true],
  ['::ffff:8.8.8.8', false],
  ['::10.0.0.1', true],
  ['64:ff9b::a00:1', true],
  ['2002:a00:1::', true],
  ['fd00::1', true],
  ['fe80::1', true],
  ['fe80::1%eth0', true],
  ['ff02::1', true],
  ['2606:4700::1111', false],
  ['', true],
  ['no address', true],
] as const;

for (const [address, expected] of TABLE) {
  test(`"${address}" is ${expected ? '' : 'not '}private`, () =>
    assert.equal(isPrivateAddress(address), expected));
}

const refusal = (host: string): Error => new Error(`refused ${host}`);

test('a socket gets exactly the addresses that were checked', () => {
  const addresses = [
    { address: '93.184.216.34', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ];
  const lookup = publicLookup(refusal, (_host, _options, callback) => callback(null, addresses));
  lookup('host.test', { all: true }, (error, found) => {
    assert.equal(error, null);
    assert.deepEqual(found, addresses);
  });
  lookup('host.test', {}, (error, found, family) => {
    assert.deepEqual([error, found, family], [null, '93.184.216.34', 4]);
  });
});

test('one private address among public ones is enough to refuse a name', () => {
  const lookup = publicLookup(refusal, (_host, _options, callback) =>
    callback(null, [
      { address: '93.184.216.34', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]),
  );
  lookup('host.test', { all: true }, (error) => assert.equal(error?.message, 'refused host.test'));
});

test('a name without addresses is refused, and a failed lookup says why', () => {
  const empty = publicLookup(refusal, (_host, _options, callback) => callback(null, []));
  empty('host.test', { all: true }, (error) => assert.equal(error?.message, 'refused host.test'));
  const failed = publicLookup(refusal, (_host, _options, callback) =>
    callback(new Error('no such host'), []),
  );
  failed('host.test', { all: true }, (error) => assert.equal(error?.message, 'no such host'));
});
