// How many passwords this core can verify in a second when it does nothing else: `hash-alone.ts SECONDS`.
import { DEFAULT_ARGON2 } from '../../src/hash/argon2.ts';
import { createHasher } from '../../src/hash/hasher.ts';
import type { Measured } from './measure.ts';

const PASSWORD = 'correct horse battery staple';
/** As many as sign-ins wait in the load. */
const LANES = 8;

const hasher = createHasher({ algorithm: 'argon2', argon2: DEFAULT_ARGON2 });
const encoded = await hasher.hash(PASSWORD);
const measuredMs = Number(process.argv[2]) * 1000;
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
let verified = 0;

async function lane(): Promise<void> {
  while (performance.now() - startedAt < measuredMs) {
    if (!(await hasher.verify(PASSWORD, encoded))) throw new Error('a right password was refused');
    verified += 1;
  }
}

await Promise.all(Array.from({ length: LANES }, lane));
const tookUs = (performance.now() - startedAt) * 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const answer: Measured = {
  perSecond: verified / (tookUs / 1e6),
  failures: 0,
  cpuUs: (user + system) / verified,
  coreShare: (user + system) / tookUs,
};
process.stdout.write(JSON.stringify(answer));
