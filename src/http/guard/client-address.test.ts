import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientFacts, clientFacts, createNetworks } from './client-address.ts';

const isTrusted = createNetworks([
  ...['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  '203.0.113.128/25',
]);
const PROXY = '10.0.0.1';

function factsOf(
  headers: Readonly<Record<string, string>>,
  peer = PROXY,
  trusted: (address: string) => boolean = isTrusted,
): ClientFacts {
  const all = new Headers({ host: 'id.example.org', ...headers });
  return clientFacts(
    { address: peer, port: 5555 },
    {
      header: (name) => all.get(name) ?? undefined,
      isTrusted: trusted,
      isTls: false,
      fallbackHost: 'fallback.example.org',
    },
  );
}

test('forwarding headers of a peer that is no trusted proxy are ignored, all of them', () => {
  const forged = {
    ...{ 'true-client-ip': '1.1.1.1', 'cf-connecting-ip': '1.1.1.2', 'x-real-ip': '1.1.1.3' },
    ...{ 'x-forwarded-for': '1.1.1.4', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example.net' },
    ...{ 'cf-ipcity': 'Delft', 'cf-ipcountry': 'NL' },
  };
  const facts = factsOf(forged, '198.51.100.7');
  assert.deepEqual(facts, {
    ip: '198.51.100.7',
    scheme: 'http',
    host: 'id.example.org',
    isHostForwarded: false,
    device: { ipAddress: '198.51.100.7:5555', userAgent: '', location: '' },
  });
  assert.equal(factsOf(forged).scheme, 'https');
  assert.equal(factsOf(forged).host, 'evil.example.net');
});

test('of a chain the address counts that the nearest proxy vouches for', () => {
  const cases: readonly (readonly [chain: string, ip: string, why: string])[] = [
    ['198.51.100.9', '198.51.100.9', 'one proxy'],
    ['198.51.100.9, 10.0.0.2', '198.51.100.9', 'two proxies of ours'],
    ['198.51.100.9,203.0.113.200 , 192.168.3.4', '198.51.100.9', 'trusted proxies with public addresses'],
    ['6.6.6.6, 198.51.100.9', '198.51.100.9', 'what the client sent itself stands further left'],
    ['6.6.6.6, 198.51.100.9, 10.0.0.2', '198.51.100.9', 'the same through two proxies'],
    ['10.0.0.5', '10.0.0.5', 'a client inside'],
    ['10.0.0.5, 10.0.0.2', '10.0.0.5', 'a client inside, two proxies'],
    ['6.6.6.6, 198.51.100.9:443', '198.51.100.9', 'with a port'],
    ['6.6.6.6, [2001:db8::9]:443', '2001:db8::9', 'IPv6 with a port'],
    ['6.6.6.6, [2001:db8::9]', '2001:db8::9', 'IPv6 in brackets'],
    ['6.6.6.6, ::ffff:198.51.100.9', '198.51.100.9', 'IPv4 written as IPv6'],
    ['6.6.6.6, unknown, 10.0.0.2', '10.0.0.2', 'nobody vouches for what stands behind something unknown'],
    ['6.6.6.6, unknown', PROXY, 'nothing to believe'],
    ['', PROXY, 'an empty chain'],
    ['127.0.0.1', PROXY, 'nobody becomes our own machine by a header'],
    ['127.0.0.1, 10.0.0.2', '10.0.0.2', 'nor through a proxy'],
  ];
  for (const [chain, ip, why] of cases) assert.equal(factsOf({ 'x-forwarded-for': chain }).ip, ip, why);
});

test('several X-Forwarded-For headers are one chain', () => {
  const headers = new Headers([
    ['x-forwarded-for', '6.6.6.6'],
    ['x-forwarded-for', '198.51.100.9'],
  ]);
  assert.equal(factsOf(Object.fromEntries(headers)).ip, '198.51.100.9');
});

test('who sends a True-Client-IP through a proxy that knows only X-Forwarded-For is counted by its own address', () => {
  for (const name of ['true-client-ip', 'cf-connecting-ip', 'x-real-ip']) {
    assert.equal(factsOf({ [name]: '1.1.1.1', 'x-forwarded-for': '198.51.100.9' }).ip, '198.51.100.9', name);
    assert.equal(factsOf({ [name]: '198.51.100.8' }).ip, '198.51.100.8', `${name} alone`);
    assert.equal(factsOf({ [name]: '127.0.0.1' }).ip, PROXY, `${name} loopback`);
    assert.equal(factsOf({ [name]: 'nonsense' }).ip, PROXY, `${name} nonsense`);
  }
});

test('the address of a device follows the order of the contract', () => {
  const address = (headers: Readonly<Record<string, string>>): string => factsOf(headers).device.ipAddress;
  assert.equal(address({ 'true-client-ip': '198.51.100.12', 'x-real-ip': '198.51.100.13' }), '198.51.100.12');
  assert.equal(address({ 'cf-connecting-ip': '198.51.100.1', 'x-real-ip': '198.51.100.13' }), '198.51.100.1');
  assert.equal(address({ 'x-real-ip': '198.51.100.8' }), '198.51.100.8');
  assert.equal(address({ 'x-forwarded-for': '198.51.100.9, 10.0.0.1' }), '198.51.100.9');
  assert.equal(address({ 'x-forwarded-for': '203.0.113.1, 198.51.100.10' }), '198.51.100.10');
  assert.equal(address({ 'x-forwarded-for': '192.168.1.7' }), '10.0.0.1:5555');
  assert.equal(address({}), '10.0.0.1:5555');
  assert.equal(factsOf({}, '2001:db8::5').device.ipAddress, '[2001:db8::5]:5555');
  assert.equal(factsOf({}, '::ffff:198.51.100.7').device.ipAddress, '198.51.100.7:5555');
  assert.equal(factsOf({ 'cf-ipcity': 'Delft', 'cf-ipcountry': 'NL' }).device.location, 'Delft, NL');
  assert.equal(factsOf({ 'cf-ipcountry': 'NL' }).device.location, 'NL');
});

test('a proxy is recognised over IPv4, IPv6 and IPv4 written as IPv6', () => {
  for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1', 'fd00::7', '203.0.113.129']) {
    assert.equal(factsOf({ 'x-forwarded-for': '198.51.100.9' }, peer).ip, '198.51.100.9', peer);
  }
  for (const peer of ['203.0.113.127', '2001:db8::1', '::ffff:198.51.100.7', 'fe80::1%eth0', '']) {
    assert.notEqual(factsOf({ 'x-forwarded-for': '198.51.100.9' }, peer).ip, '198.51.100.9', peer);
  }
});

test('a host becomes part of addresses only if it is one', () => {
  const host = (sent: string): string => factsOf({ 'x-forwarded-host': sent }).host;
  assert.equal(host('www.example.net'), 'www.example.net');
  assert.equal(host('www.example.net:8443'), 'www.example.net:8443');
  assert.equal(host('[2001:db8::1]:80'), '[2001:db8::1]:80');
  for (const forged of ['a.b/c', 'user@a.b', 'a.b?x', 'a.b, c.d', 'a b', '"', '']) {
    assert.equal(host(forged), 'id.example.org', forged);
  }
  assert.equal(factsOf({ host: 'a/b' }).host, 'fallback.example.org');
});

test('networks hold their addresses and no others', () => {
  const isInside = createNetworks([
    '192.0.2.0/24',
    '198.51.100.7',
    '2001:db8::/32',
    '2001:db9::1',
    '0.0.0.0/32',
  ]);
  for (const ip of [
    '192.0.2.0',
    '192.0.2.255',
    '198.51.100.7',
    '2001:db8:ffff::1',
    '2001:db9::1',
    '0.0.0.0',
  ]) {
    assert.equal(isInside(ip), true, ip);
  }
  for (const ip of ['192.0.3.0', '198.51.100.8', '2001:db9::2', '::', '192.0.2', 'example.org', '']) {
    assert.equal(isInside(ip), false, ip);
  }
  assert.equal(createNetworks([])('127.0.0.1'), false);
});

test('hostile chains are short work', () => {
  const chain = new Array(3000).fill('[::1]').join(',');
  const startedAt = performance.now();
  for (let i = 0; i < 100; i++) factsOf({ 'x-forwarded-for': chain });
  assert.ok(performance.now() - startedAt < 500);
});
