import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CryptJob, crypt } from './crypt.ts';

const long = 'x'.repeat(40);

/** Results of the C library's crypt(3). */
const KNOWN: readonly (readonly [CryptJob, string])[] = [
  [
    { scheme: 'md5', password: 'correct-horse-7-battery', salt: 'saltsalt', rounds: 1 },
    'lpwmbBD4jcbZ3Wd2Pv4VH/',
  ],
  [
    { scheme: 'sha256', password: long, salt: 'abcdef', rounds: 1234 },
    'aZL3KDAncjrYaikJE1ntU4B6DHPsvsUZaB2DCcYbxv6',
  ],
  [
    { scheme: 'sha512', password: 'hello', salt: 'abc', rounds: 8000 },
    'KoRnuIXscFo719Uh9p.mdzPu8/oB8m/gbAOt40WoNAc5zAIT9DLUZX0VxUnRdQvSSfC103qmSAWfLhoLDNEqn0',
  ],
];

for (const [job, expected] of KNOWN) {
  test(`${job.scheme} of ${job.password.length} characters`, () => assert.equal(crypt(job), expected));
}
