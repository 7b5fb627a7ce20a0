// Costs of password hashes that are raised: weaker ones are a mistake, or none that can be computed.
import type { Finding } from './fault.ts';
import type { Config } from './schema.ts';

/** As in Kratos: a lower cost is for development only. */
const LEAST_BCRYPT_COST = 12;
/** RFC 9106 section 3.1: eight blocks of 1 KiB for each lane. */
const LEAST_KIB_PER_LANE = 8;

export function bcryptCost({ hashers, dev }: Pick<Config, 'hashers' | 'dev'>): number {
  return dev ? hashers.bcrypt.cost : Math.max(hashers.bcrypt.cost, LEAST_BCRYPT_COST);
}

export function argon2MemoryKib({ hashers }: Pick<Config, 'hashers'>): number {
  const { memory, parallelism } = hashers.argon2;
  return Math.max(Math.round(memory / 1024), LEAST_KIB_PER_LANE * parallelism);
}

export function findRaised(config: Config): readonly Finding[] {
  const { algorithm, bcrypt, argon2 } = config.hashers;
  const [cost, memoryKib] = [bcryptCost(config), argon2MemoryKib(config)];
  const findings: Finding[] = [];
  if (algorithm === 'bcrypt' && cost !== bcrypt.cost) {
    findings.push({
      path: ['hashers', 'bcrypt', 'cost'],
      reason: `raised to ${cost}: ${bcrypt.cost} is for development only`,
    });
  }
  if (algorithm === 'argon2' && memoryKib > argon2.memory / 1024) {
    findings.push({
      path: ['hashers', 'argon2', 'memory'],
      reason: `raised to ${memoryKib}KB: argon2 needs ${LEAST_KIB_PER_LANE}KB for each of its ${argon2.parallelism} lanes (parallelism)`,
    });
  }
  return findings;
}
