import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions as parseArgon2 } from '@node-rs/argon2';
import { ApiError } from '../protocol/api-error.ts';
import { argon2Dummy } from './argon2.ts';
import { bcryptDummy } from './bcrypt.ts';
import { createHasher, type HashAlgorithm, maxPasswordBytes } from './hasher.ts';
import { createHashPool, type HashPool } from './pool.ts';

const small = { memoryKib: 64, iterations: 2, parallelism: 1, saltBytes: 16, keyBytes: 32 };
const argon2: HashAlgorithm = { algorithm: 'argon2', argon2: small };
const bcrypt: HashAlgorithm = { algorithm: 'bcrypt', cost: 4 };

function countingPool(): { readonly pool: HashPool; readonly jobs: () => number } {
  const pool = createHashPool();
  let jobs = 0;
  return {
    jobs: () => jobs,
    pool: {
      ...pool,
      run: (hash) => {
        jobs += 1;
        return pool.run(hash);
      },
    },
  };
}

for (const algorithm of [argon2, bcrypt]) {
  const hasher = createHasher(algorithm);
  const name = algorithm.algorithm;

  test(`${name}: a password fits its own hash only, and each hash is different`, async () => {
    const encoded = await hasher.hash('pässwörd 🦊');
    assert.equal(await hasher.verify('pässwörd 🦊', encoded), true);
    assert.equal(await hasher.verify('pässwörd 🐻', encoded), false);
    assert.equal(await hasher.verify('', encoded), false);
    assert.notEqual(await hasher.hash('pässwörd 🦊'), encoded);
    assert.equal(hasher.needsRehash(encoded), false);
    assert.equal(hasher.validateImported(encoded), undefined);
  });

  test(`${name}: an unknown account costs the same hash work as a wrong password`, async () => {
    const { pool, jobs } = countingPool();
    const counted = createHasher({ ...algorithm, pool });
    const encoded = await counted.hash('right');
    const before = jobs();
    await counted.verify('wrong', encoded);
    const afterWrong = jobs();
    await counted.verifyDummy('wrong');
    assert.equal(afterWrong - before, 1);
    assert.equal(jobs() - afterWrong, 1);
  });
}

test('the dummy has the parameters of a real hash, so that checking it is the same work', async () => {
  const real = await createHasher(argon2).hash('x');
  assert.deepEqual(parseArgon2(argon2Dummy(small)), parseArgon2(real));
  assert.equal(argon2Dummy(small).length, real.length);
  const realBcrypt = await createHasher(bcrypt).hash('x');
  assert.equal(bcryptDummy(4).slice(0, 7), realBcrypt.slice(0, 7));
  assert.equal(bcryptDummy(4).length, realBcrypt.length);
  assert.equal(createHasher(bcrypt).needsRehash(bcryptDummy(4)), false);
});

test('an account with a cheap imported hash refuses no faster than one that does not exist', async () => {
  const slow = createHasher({ algorithm: 'bcrypt', cost: 10 });
  const millisecondsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  const md5 = '$md5$WhdwsBLbXnFL05UncJJ42Q==';
  const unknown = await millisecondsOf(() => slow.verifyDummy('wrong'));
  const imported = await millisecondsOf(() => slow.verify('wrong', md5));
  assert.ok(
    imported > unknown / 2,
    `refused after ${imported} ms of work; an unknown account took ${unknown} ms`,
  );
});

const REHASH: readonly (readonly [string, HashAlgorithm, string, boolean])[] = [
  ['own parameters', argon2, argon2Dummy(small), false],
  ['more memory', argon2, argon2Dummy({ ...small, memoryKib: 128 }), true],
  ['other iterations', argon2, argon2Dummy({ ...small, iterations: 3 }), true],
  ['other lanes', argon2, argon2Dummy({ ...small, parallelism: 2 }), true],
  ['a longer salt', argon2, argon2Dummy({ ...small, saltBytes: 24 }), true],
  ['a longer key', argon2, argon2Dummy({ ...small, keyBytes: 64 }), true],
  ['argon2i', argon2, argon2Dummy(small).replace('argon2id', 'argon2i'), true],
  ['another algorithm', argon2, bcryptDummy(4), true],
  ['own cost', bcrypt, bcryptDummy(4), false],
  ['own cost with another letter', bcrypt, bcryptDummy(4).replace('$2a$', '$2y$'), false],
  ['another cost', bcrypt, bcryptDummy(5), true],
  ['another algorithm', bcrypt, argon2Dummy(small), true],
  ['an imported hash', bcrypt, '$md5$WhdwsBLbXnFL05UncJJ42Q==', true],
];
for (const [name, algorithm, encoded, expected] of REHASH) {
  test(`${algorithm.algorithm}, ${name}: ${expected ? 'hashed anew' : 'kept'} at the next sign-in`, () =>
    assert.equal(createHasher(algorithm).needsRehash(encoded), expected));
}

test('bcrypt refuses what it would cut short; argon2 reads everything', async () => {
  const beyond = `${'ä'.repeat(36)}x`;
  await assert.rejects(
    createHasher(bcrypt).hash(beyond),
    (error) => error instanceof ApiError && error.status === 400,
  );
  const atLimit = 'ä'.repeat(36);
  assert.equal(await createHasher(bcrypt).verify(atLimit, await createHasher(bcrypt).hash(atLimit)), true);
  assert.equal(await createHasher(argon2).verify(beyond, await createHasher(argon2).hash(beyond)), true);
  assert.equal(maxPasswordBytes(bcrypt), 72);
  assert.equal(maxPasswordBytes(argon2), undefined);
});

test('new bcrypt hashes carry the letter that clients and tools expect', async () => {
  assert.match(await createHasher(bcrypt).hash('x'), /^\$2a\$04\$/);
});

test('hash, check and dummy all wait for a place in the pool and are told when it is full', async () => {
  const full: HashPool = {
    state: () => ({ running: 0, waiting: 0 }),
    run: () => Promise.reject(new ApiError({ status: 503 })),
  };
  const hasher = createHasher({ ...argon2, pool: full });
  const isBusy = (error: unknown): boolean => error instanceof ApiError && error.status === 503;
  await assert.rejects(hasher.hash('x'), isBusy);
  await assert.rejects(hasher.verify('x', argon2Dummy(small)), isBusy);
  await assert.rejects(hasher.verifyDummy('x'), isBusy);
});
