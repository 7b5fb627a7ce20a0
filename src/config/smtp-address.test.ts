import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSmtpAddress } from './smtp-address.ts';

const PLAIN = {
  host: 'mail.example.org',
  port: 587,
  isTls: false,
  isStartTlsOff: false,
  verifiesCertificate: true,
  serverName: 'mail.example.org',
  login: undefined,
};

test('addresses of mail servers', () => {
  for (const [uri, expected] of [
    ['smtp://mail.example.org', {}],
    ['smtp://mail.example.org:25/', { port: 25 }],
    ['smtps://mail.example.org/', { isTls: true, port: 465 }],
    ['smtp://a%40b.c:p%2Fw%20@mail.example.org/', { login: { user: 'a@b.c', pass: 'p/w ' } }],
    ['smtp://mail.example.org/?disable_starttls=true', { isStartTlsOff: true }],
    ['smtp://mail.example.org/?skip_ssl_verify=1&legacy_ssl=true', { verifiesCertificate: false }],
    ['smtp://mail.example.org/?skip_ssl_verify=no&disable_starttls=false', {}],
    ['smtp://mail.example.org/?server_name=mx.example.org', { serverName: 'mx.example.org' }],
    ['smtps://[::1]:465/', { isTls: true, host: '::1', port: 465, serverName: '::1' }],
  ] as const) {
    assert.deepEqual(parseSmtpAddress(uri), { ...PLAIN, ...expected }, uri);
  }
});

test('what is no address of a mail server', () => {
  for (const uri of [
    '',
    'smtp://',
    'http://mail.example.org',
    'smtp://a b',
    'smtp://h:99999/',
    'smtp://u:%zz@h/',
  ]) {
    assert.equal(parseSmtpAddress(uri), undefined, uri);
  }
});
