import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkImported, verifyStored } from './imported.ts';

const PASSWORD = 'correct-horse-7-battery';

/** Hashes of one password by other tools. */
const KNOWN = [
  ['bcrypt 2b', '$2b$05$abcdefghijklmnopqrstuuU4tHxSgMMa/nMCmLTSjEK1SpxzGANvm'],
  ['bcrypt 2y', '$2y$05$abcdefghijklmnopqrstuuU4tHxSgMMa/nMCmLTSjEK1SpxzGANvm'],
  ['bcrypt 2a', '$2a$06$zyxwvutsrqponmlkjihgfeiYvGQulQDgMUhmF4bB9bdkCCgARUya.'],
  [
    'argon2id',
    '$argon2id$v=19$m=64,t=2,p=1$c2FsdHktc2FsdC0xNmJ5dA$ulBO04WVH1NUHAog9m+rQyFArhiRmhEZQrF4HXXr11E',
  ],
  ['argon2i', '$argon2i$v=19$m=128,t=3,p=2$c2FsdHktc2FsdC0xNmJ5dA$plohlCB1eveYqc+1ZkESz7yshh2WfHho'],
  [
    'pbkdf2 sha256',
    '$pbkdf2-sha256$i=1000,l=32$c2FsdHktc2FsdC0xNmJ5dA$rorU4FOJs4ufAoxeIpbAq0JQByyd5gyYyQZhrHWftpM',
  ],
  [
    'pbkdf2 sha512',
    '$pbkdf2-sha512$i=500,l=64$c2FsdHktc2FsdC0xNmJ5dA$3Un0MdDPsFAr0oxSRVPO5iC5L4X/nQte7WH7UX4Ewuzs0naXYr0ML7ofqv6Vi0EDx58MUVdSIvKpM93rOYknqA',
  ],
  ['pbkdf2 sha1', '$pbkdf2-sha1$i=700,l=20$c2FsdHktc2FsdC0xNmJ5dA$TEhfwAxGgbpFAGh27sLoxU5ELZA'],
  ['scrypt', '$scrypt$ln=1024,r=8,p=1$c2FsdHktc2FsdC0xNmJ5dA==$lJTW9H3l96o1shDXx11K5h8UnREH8ymBTVljzi+7naI='],
  [
    'firebase scrypt',
    '$firescrypt$ln=10,r=8,p=1$c2FsdHktc2FsdC0xNmJ5dA==$O2ko3lVzBJMtk4tf2LTG2tUen3F4+5AbswDTMyfhyA4=$C3g=$c2lnbmVyLWtleS1vZi10aGlzLXRlc3QtMzItYnl0ZXM=',
  ],
  ['md5', '$md5$WhdwsBLbXnFL05UncJJ42Q=='],
  [
    'md5 with a pattern',
    '$md5$pf=e1NBTFR9JCR7UEFTU1dPUkR9$c2FsdHktc2FsdC0xNmJ5dA==$QUoz2Oj7SCt0ayQXFQ1zlQ==',
  ],
  [
    'sha1 with a pattern',
    '$sha1$pf=e1BBU1NXT1JEfS17U0FMVH0=$c2FsdHktc2FsdC0xNmJ5dA==$5EIM+vaFWgj1SAsDprGTFtD54Fk=',
  ],
  [
    'sha256 with a pattern',
    '$sha256$pf=e1BBU1NXT1JEfS17U0FMVH0=$c2FsdHktc2FsdC0xNmJ5dA==$A3DVSDmQvhwFQ44+QSBN60ahIlWO0xC7XaLOzuWn6O4=',
  ],
  [
    'sha512 with a pattern',
    '$sha512$pf=e1BBU1NXT1JEfS17U0FMVH0=$c2FsdHktc2FsdC0xNmJ5dA==$/pEyvWzqtCfbQf6dYcTRluONI3wLHBqqGWJVZ3737Zbbdt2n1BiJ5xxT6pzCzLSVw5oGnLGRPqOoc14Rdi2Tbw==',
  ],
  ['ssha', '{SSHA}neVCqvDhrKWTPTMxJ4XzD4RyNghzYWx0eS1zYQ=='],
  ['ssha256', '{SSHA256}Sge7ECkJR81sEKiSB4T4VHejHnCj8bEGsjc9wuE9cnVzYWx0eS1zYWx0LTE2Ynl0'],
  [
    'ssha512',
    '{SSHA512}poEJvkvnhV5hzs/NNRtX8Qty22bbADzuALXUlaWwV2gTUrV25Rg5wVzmb3MIQgXKBVa2WwkiuqVaYQ7LrAVwOnNhbHR5LXNhbHQtMTZieXQ=',
  ],
  ['hmac md5', '$hmac-md5$ZmM4OWI1ZGE2YTFkNDBkNjA0MmNjODZkNjc0NmJmYTM=$dGhlIGtleQ=='],
  ['hmac sha1', '$hmac-sha1$Yjg2MjQyOGM2ZjJhYmZjYzRjMDYwMmM4NGY2YTI4MzFlZWIwZDA2Yg==$dGhlIGtleQ=='],
  [
    'hmac sha224',
    '$hmac-sha224$YWZhMTBiZDhhYjE3ZmVmMTQ0ZWYyMGIyMjk2OTFmYmE3YWFiMzY2NzFhY2ZhNGM3NGQyYTBjMmQ=$dGhlIGtleQ==',
  ],
  [
    'hmac sha256',
    '$hmac-sha256$OWU1MjQ2NmUzZTY1Y2EwODU3NjJhOTk5ZmM0NjZkYmU4Yjc2M2IzYmE5YTA3Zjg5NWIzNDliNjE2MTExM2E1MA==$dGhlIGtleQ==',
  ],
  [
    'hmac sha384',
    '$hmac-sha384$OTc1MzliOThhMWE1NTQ0OTViYjk1YzhmMzc4NWNkZjEwNWMxMzVhZmQyMGRjZDc2M2JjMTI1MDUzNjNjMDI3NDIwYjE4ZjcyNWYxOGRiNTYwZDc1MjU0MWU2YTY4MTYw$dGhlIGtleQ==',
  ],
  [
    'hmac sha512',
    '$hmac-sha512$MDFhNjczZTRmMDc3ZWQ0MzQzZWJkNmEzZTQ1YWE4ZDY3YjcwZmJjYzFmZjkzM2ZiOWZjNDdlZjNkMDg4M2NhY2Y4NTY4MWExZWMyMDBiNGVmMzFlYTQyNTRhNDYxYzM0MmU4ZWQ1MTNiMzY4MjQzMDc3ZDAxMzJkNGEwODBjMjc=$dGhlIGtleQ==',
  ],
  ['md5crypt', '$md5-crypt$saltsalt$lpwmbBD4jcbZ3Wd2Pv4VH/'],
  ['sha256crypt', '$sha256-crypt$rounds=5000$saltsalt$WNQJaKd3qOxCBh1W53ocZA2UbQ7Mo2uFy0Tauq1A3t1'],
  [
    'sha512crypt',
    '$sha512-crypt$rounds=6000$othersalt$0OrxGZEq19PDHdwLX9GaZuGzqn7E9ZPPNXDdnDeSd8WPEWRUW59YorBT5CVHcl5o9WKz8D2umJR8PfZm8cpmG1',
  ],
  ['hmac md4', '$hmac-md4$ODIzZTNmMWY5ZWEzYjNiZmQ0MmQyMmY2MzFiYmQ3MDA=$dGhlIGtleQ=='],
  ['md5crypt without a salt', '$md5-crypt$$Y2O2z3us.ljxnKnuGrmWV1'],
  ['sha256crypt without rounds', '$sha256-crypt$saltsalt$WNQJaKd3qOxCBh1W53ocZA2UbQ7Mo2uFy0Tauq1A3t1'],
  ['bcrypt 2', '$2$05$abcdefghijklmnopqrstuuU4tHxSgMMa/nMCmLTSjEK1SpxzGANvm'],
  ['bcrypt 2z', '$2z$05$abcdefghijklmnopqrstuuU4tHxSgMMa/nMCmLTSjEK1SpxzGANvm'],
  [
    'pbkdf2 sha384, which means SHA-3',
    '$pbkdf2-sha384$i=10,l=32$c2FsdHk$Ircvf2K0K5k5oVybQ0oqJzNsCLZ4gCUUP7hrXFsF28Q',
  ],
  [
    'pbkdf2 sha224, which means SHA-3',
    '$pbkdf2-sha224$i=10,l=32$c2FsdHk$uLERUeqm02L2Jz4WPcMr5Hgr3NpAAYLYWfRORYumaY8',
  ],
] as const;

for (const [name, encoded] of KNOWN) {
  test(`${name}: the password fits, others do not, and it can be imported`, async () => {
    assert.equal(await verifyStored(PASSWORD, encoded), true);
    assert.equal(await verifyStored(`${PASSWORD}!`, encoded), false);
    assert.equal(await verifyStored('', encoded), false);
    assert.equal(checkImported(encoded), undefined);
  });
}

const SALT = 'c2FsdHktc2FsdC0xNmJ5dA';
const KEY = 'ulBO04WVH1NUHAog9m+rQyFArhiRmhEZQrF4HXXr11E';

/** What administrators are told about, rather than people at their next sign-in. */
const REFUSED = [
  ['clear text', 'plain'],
  ['nothing', ''],
  ['an unknown kind', '$blowfish$abc'],
  ['argon2d', `$argon2d$v=19$m=64,t=2,p=1$${SALT}$${KEY}`],
  ['argon2 of an old version', `$argon2id$v=16$m=64,t=2,p=1$${SALT}$${KEY}`],
  ['argon2 without parameters', '$argon2id$v=19$m=64$c2FsdHk$AAAA'],
  ['argon2 of 95 GiB', `$argon2id$v=19$m=99999999,t=2,p=1$${SALT}$AAAA`],
  ['argon2 with too little memory for its lanes', `$argon2id$v=19$m=31,t=2,p=4$${SALT}$${KEY}`],
  ['argon2 of eleven iterations', `$argon2id$v=19$m=64,t=11,p=1$${SALT}$${KEY}`],
  ['argon2 of no iteration', `$argon2id$v=19$m=64,t=0,p=1$${SALT}$${KEY}`],
  ['argon2 of 17 lanes', `$argon2id$v=19$m=640,t=2,p=17$${SALT}$${KEY}`],
  ['argon2 with a salt of four bytes', `$argon2id$v=19$m=64,t=2,p=1$c2FsdA$${KEY}`],
  ['bcrypt of cost 31', '$2b$31$abcdefghijklmnopqrstuuU4tHxSgMMa/nMCmLTSjEK1SpxzGANvm'],
  ['bcrypt of cost 16', '$2b$16$abcdefghijklmnopqrstuuU4tHxSgMMa/nMCmLTSjEK1SpxzGANvm'],
  ['bcrypt of cost 3', '$2b$03$abcdefghijklmnopqrstuuU4tHxSgMMa/nMCmLTSjEK1SpxzGANvm'],
  ['bcrypt cut short', '$2b$05$abcdefghijklmnopqrstuuU4tHxSgMMa'],
  ['bcrypt 2x, whose bug differs', '$2x$05$abcdefghijklmnopqrstuuU4tHxSgMMa/nMCmLTSjEK1SpxzGANvm'],
  ['pbkdf2 of 10^11 iterations', '$pbkdf2-sha256$i=99999999999,l=32$c2FsdA$c2FsdA'],
  ['pbkdf2 of no iteration', '$pbkdf2-sha256$i=0,l=32$c2FsdA$c2FsdA'],
  ['pbkdf2 without a key', '$pbkdf2-sha256$i=1000,l=32$c2FsdA$'],
  ['pbkdf2 with a key of 1500 bytes', `$pbkdf2-sha256$i=1000,l=32$c2FsdA$${'AAAA'.repeat(500)}`],
  ['scrypt of a wild cost', '$scrypt$ln=9999999,r=8,p=1$c2FsdA==$c2FsdA=='],
  ['scrypt of a cost that is no power of two', '$scrypt$ln=1000,r=8,p=1$c2FsdA==$c2FsdA=='],
  ['scrypt with large blocks', '$scrypt$ln=1024,r=9,p=1$c2FsdA==$c2FsdA=='],
  ['scrypt with eleven lanes', '$scrypt$ln=1024,r=8,p=11$c2FsdA==$c2FsdA=='],
  ['Firebase of cost 18', '$firescrypt$ln=18,r=8,p=1$c2FsdA==$c2FsdA==$C3g=$c2FsdA=='],
  ['Firebase without a signer key', '$firescrypt$ln=10,r=8,p=1$c2FsdA==$c2FsdA==$C3g='],
  ['SSHA without a salt', '{SSHA}neVCqvDhrKWTPTMxJ4XzD4RyNgg='],
  ['SSHA that is no base64', '{SSHA}***'],
  ['a pattern without the password', '$sha1$pf=e1NBTFR9$c2FsdA==$5EIM+vaFWgj1SAsDprGTFtD54Fk='],
  ['sha1 without a pattern', '$sha1$5EIM+vaFWgj1SAsDprGTFtD54Fk='],
  ['md5 of three bytes', '$md5$AAAA'],
  ['HMAC of raw bytes', '$hmac-md5$AAAA$dGhlIGtleQ=='],
  ['HMAC over an unknown digest', '$hmac-sha3$AAAA$dGhlIGtleQ=='],
  ['md5-crypt cut short', '$md5-crypt$saltsalt$lpwmbBD4'],
  ['sha256-crypt of a billion rounds', `$sha256-crypt$rounds=999999999$salt$${'a'.repeat(43)}`],
  ['sha512-crypt with a hash of sha256-crypt', `$sha512-crypt$rounds=5000$salt$${'a'.repeat(43)}`],
] as const;

for (const [name, encoded] of REFUSED) {
  test(`${name} is refused with a reason and fits no password`, async () => {
    assert.match(checkImported(encoded) ?? '', /^The |^Only /);
    // Costly ones of our own kinds are refused at the import only: an operator may have configured them.
    if (!/m=99999999|\$31\$|\$16\$/.test(encoded)) assert.equal(await verifyStored(PASSWORD, encoded), false);
  });
}

test('a password that reads like a place in the pattern is text', async () => {
  // sha256("salty{SALT}")
  const pattern = Buffer.from('{SALT}{PASSWORD}').toString('base64');
  const hash = 'UuDzWcj24W/jE6Kqh/575/emaGbAQCPgNN5cLZkC74I=';
  assert.equal(await verifyStored('{SALT}', `$sha256$pf=${pattern}$c2FsdHk=$${hash}`), true);
});

test('a megabyte of password is not put through crypt(3)', async () => {
  const encoded = '$sha512-crypt$rounds=1000$salt$'.padEnd(31 + 86, 'a');
  assert.equal(checkImported(encoded), undefined);
  assert.equal(await verifyStored('x'.repeat(1_000_000), encoded), false);
});
