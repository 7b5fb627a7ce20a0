// Hashes of Unix crypt(3) as other systems export them: md5-crypt, sha256-crypt and sha512-crypt.
import { Worker } from 'node:worker_threads';
import { equalBytes, type HashFormat, isWithin } from '../format.ts';
import { type CryptJob, crypt } from './crypt.ts';

const MD5_CRYPT = /^\$md5-crypt\$([^$]{0,64})\$([./0-9A-Za-z]{22})$/;
const SHA_CRYPT = /^\$(sha256|sha512)-crypt\$(?:rounds=(\d+)\$)?([^$]{0,64})\$([./0-9A-Za-z]+)$/;

/** crypt(3) reads no more of a salt. */
const MD5_SALT_LENGTH = 8;
const SHA_SALT_LENGTH = 16;
/** Rounds outside of these bounds mean the nearest one, so the scheme says; the upper one is ours, about 10 s. */
const LEAST_ROUNDS = 1_000;
const DEFAULT_ROUNDS = 5_000;
const MOST_ROUNDS = 10_000_000;
const HASH_LENGTH: Readonly<Record<string, number>> = { sha256: 43, sha512: 86 };

/** The schemes digest the password as many times as it has bytes: a password of a megabyte would take an hour. */
const MOST_PASSWORD_BYTES = 1_024;

/** 5000 rounds take about 7 ms; with more a thread of its own keeps the event loop free. Starting one takes about 30 ms. */
const MOST_ROUNDS_INLINE = 5_000;

function run(job: CryptJob): Promise<string> {
  if (job.scheme === 'md5' || job.rounds <= MOST_ROUNDS_INLINE) return Promise.resolve(crypt(job));
  // The published package holds JavaScript, the repository TypeScript.
  const file = import.meta.url.endsWith('.ts') ? './crypt-worker.ts' : './crypt-worker.js';
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(file, import.meta.url), { workerData: job });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread for crypt(3) ended with ${code}`)));
  });
}

async function fits(job: CryptJob, expected: string): Promise<boolean> {
  if (Buffer.byteLength(job.password) > MOST_PASSWORD_BYTES) return false;
  return equalBytes(Buffer.from(await run(job)), Buffer.from(expected));
}

const md5Crypt: HashFormat = {
  prefix: /^\$md5-crypt\$/,
  verify: async (password, encoded) => {
    const [, salt = '', expected] = MD5_CRYPT.exec(encoded) ?? [];
    if (expected === undefined) return false;
    return fits({ scheme: 'md5', password, salt: salt.slice(0, MD5_SALT_LENGTH), rounds: 1_000 }, expected);
  },
  fault: (encoded) =>
    MD5_CRYPT.test(encoded) ? undefined : 'The md5-crypt hash cannot be read; expected $md5-crypt$salt$hash.',
};

const shaCrypt: HashFormat = {
  prefix: /^\$sha(?:256|512)-crypt\$/,
  verify: async (password, encoded) => {
    const [, scheme, rounds, salt = '', expected] = SHA_CRYPT.exec(encoded) ?? [];
    if ((scheme !== 'sha256' && scheme !== 'sha512') || expected === undefined) return false;
    const asked = rounds === undefined ? DEFAULT_ROUNDS : Number(rounds);
    const job = {
      scheme,
      password,
      salt: salt.slice(0, SHA_SALT_LENGTH),
      rounds: Math.min(Math.max(asked, LEAST_ROUNDS), MOST_ROUNDS),
    } as const;
    return fits(job, expected);
  },
  fault: (encoded) => {
    const match = SHA_CRYPT.exec(encoded);
    if (!match) return 'The hash cannot be read; expected $sha512-crypt$rounds=...$salt$hash.';
    const [, scheme = '', rounds = String(DEFAULT_ROUNDS), , hash = ''] = match;
    if (!isWithin(rounds, 1, MOST_ROUNDS))
      return `The rounds of ${scheme}-crypt must be 1 to ${MOST_ROUNDS}.`;
    return hash.length === HASH_LENGTH[scheme]
      ? undefined
      : `The hash of ${scheme}-crypt must have ${HASH_LENGTH[scheme]} characters.`;
  },
};

export const CRYPT_FORMATS: readonly HashFormat[] = [md5Crypt, shaCrypt];
