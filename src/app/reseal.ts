// Seals stored credentials and events with the newest secret, so that older ones can leave the configuration.
import type { ConfigSources } from '../config/load.ts';
import { resealParts } from '../flow/method/sealed-parts.ts';
import { createSealer, type Sealer } from '../lib/cipher.ts';
import type { JsonObject } from '../lib/json.ts';
import { type Additions, createLoader, partsWith } from './parts.ts';
import { credentialPurpose, hookPurpose, secretsInForce } from './secrets-in-force.ts';

export interface ResealReport {
  /** Credentials that can hold sealed texts, and events. */
  readonly looked: number;
  /** Texts that are sealed with the newest secret now and were not before. */
  readonly resealed: number;
  /** Texts that no secret of the configuration opens. */
  readonly unreadable: number;
}

interface Sealers {
  readonly current: Sealer;
  readonly all: Sealer;
}

/** What of a database is needed. */
export interface ResealedDatabase {
  rewriteCredentials(of: {
    readonly types: readonly string[];
    readonly rewrite: (type: string, config: JsonObject, purpose: 'trial' | 'kept') => JsonObject | undefined;
    readonly onLooked: (count: number) => void;
  }): Promise<void>;
  rewriteEvents(of: {
    readonly rewrite: (hook: string, payload: string) => string | undefined;
    readonly onLooked: (count: number) => void;
  }): Promise<void>;
  close(): Promise<void>;
}

/** May run beside servers. Throws ConfigError, and what the database throws. */
export async function reseal(
  sources: ConfigSources & {
    readonly additions?: Additions;
    readonly open: (dsn: string) => ResealedDatabase;
  },
  onLooked: (count: number) => void = () => undefined,
): Promise<ResealReport> {
  const parts = partsWith(sources.additions);
  const { config } = createLoader(parts).load(sources);
  const [newest, ...older] = secretsInForce(config, '').cipher;
  if (!newest)
    throw new Error('neither secrets.cipher nor secrets.default is set: there is nothing to seal with');
  const sealersOf = (purpose: string): Sealers => ({
    current: createSealer([newest], purpose),
    all: createSealer([newest, ...older], purpose),
  });
  const kinds = new Map(
    parts.methods.flatMap(({ name, credential }) => {
      const paths = credential?.sealed ?? [];
      const sealers = sealersOf(credentialPurpose(name));
      return paths.length === 0 ? [] : [[name, { paths, sealers }] as const];
    }),
  );
  const hooks = new Map<string, Sealers>();
  const ofHook = (hook: string): Sealers => {
    const known = hooks.get(hook) ?? sealersOf(hookPurpose(hook));
    hooks.set(hook, known);
    return known;
  };
  const report = { looked: 0, resealed: 0, unreadable: 0 };
  const database = sources.open(config.dsn);
  try {
    await database.rewriteCredentials({
      types: [...kinds.keys()],
      onLooked: (count) => {
        report.looked = count;
        onLooked(count);
      },
      rewrite: (type, held, purpose) => {
        const kind = kinds.get(type);
        if (!kind) return undefined;
        const { config: next, changed, unreadable } = resealParts(held, kind.paths, kind.sealers);
        // What needs no change is tried only, and what does is tried and then kept.
        if ((purpose === 'kept') === changed > 0) {
          report.unreadable += unreadable;
          report.resealed += changed;
        }
        return changed > 0 ? next : undefined;
      },
    });
    const credentials = report.looked;
    await database.rewriteEvents({
      onLooked: (count) => {
        report.looked = credentials + count;
        onLooked(report.looked);
      },
      rewrite: (hook, payload) => {
        const { current, all } = ofHook(hook);
        if (current.open(payload) !== undefined) return undefined;
        const plain = all.open(payload);
        if (plain === undefined) report.unreadable += 1;
        else report.resealed += 1;
        return plain === undefined ? undefined : current.seal(plain);
      },
    });
  } finally {
    await database.close();
  }
  return report;
}
