import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKratosDatabase, parseMysqlDsn } from './open.ts';

const ADDRESSES: readonly (readonly [dsn: string, address: object])[] = [
  [
    'mysql://kratos:secret@tcp(db.example.org:3307)/kratos?parseTime=true',
    {
      host: 'db.example.org',
      port: 3307,
      user: 'kratos',
      password: 'secret',
      database: 'kratos',
      isTls: false,
    },
  ],
  [
    'mysql://kratos:p:w@rd/1@tcp([2001:db8::1]:3306)/kratos?tls=true',
    {
      host: '2001:db8::1',
      port: 3306,
      user: 'kratos',
      password: 'p:w@rd/1',
      database: 'kratos',
      isTls: true,
    },
  ],
  [
    'mysql://kratos@unix(/run/mysqld.sock)/kratos',
    { socketPath: '/run/mysqld.sock', user: 'kratos', password: '', database: 'kratos', isTls: false },
  ],
  [
    'mariadb://kratos:secret@db.example.org/kratos',
    {
      host: 'db.example.org',
      port: 3306,
      user: 'kratos',
      password: 'secret',
      database: 'kratos',
      isTls: false,
    },
  ],
];

test('the address of a MySQL database is read in the form of Go', () => {
  for (const [dsn, address] of ADDRESSES) assert.deepEqual(parseMysqlDsn(dsn), address, dsn);
  for (const wrong of ['mysql://', 'mysql://x', 'mysql://u:p@tcp(h:1)/'])
    assert.throws(() => parseMysqlDsn(wrong), wrong);
});

test('what is no database of Kratos is refused with advice', async () => {
  for (const dsn of ['oracle://x', 'memory', 'sqlite://:memory:', 'sqlite:///nowhere/kratos.sqlite'])
    await assert.rejects(() => openKratosDatabase(dsn), /supported|no file/, dsn);
});
