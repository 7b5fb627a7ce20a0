// Fills a database with people and their sessions through the stores, and keeps what a load needs to act for them.
import { assembleIdentity } from '../../src/identity/assemble.ts';
import type { FullIdentity } from '../../src/identity/identity.ts';
import { newUuid } from '../../src/lib/ids.ts';
import { tokenDigest } from '../../src/lib/secret.ts';
import { beginSession, newSessionToken } from '../../src/session/lifecycle.ts';
import type { MigratableDatabase } from '../../src/store/open.ts';

export interface SeededSession {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface Population {
  /** Everybody's password is the same. */
  readonly identifiers: readonly string[];
  readonly sessions: readonly SeededSession[];
}

const DAY_MS = 86_400_000;
const BATCH = 500;
/** Batches that run at the same time: a server is not kept waiting for its client. */
const LANES = 4;

export async function populate(
  database: MigratableDatabase,
  of: {
    readonly identityCount: number;
    readonly sessionCount: number;
    readonly passwordHash: string;
    readonly nowMs: number;
    readonly onProgress: (storedCount: number) => void;
  },
): Promise<Population> {
  const identifiers: string[] = [];
  const sessions: SeededSession[] = [];
  let [begun, stored] = [0, 0];
  const lane = async (): Promise<void> => {
    while (begun < of.identityCount) {
      const first = begun;
      begun = Math.min(of.identityCount, begun + BATCH);
      const people = Array.from({ length: begun - first }, (_, index) => person(first + index, of));
      const signedIn = people.slice(0, Math.max(0, of.sessionCount - first)).map((identity) => ({
        token: newSessionToken(),
        session: beginSession({
          identityId: identity.id,
          proof: { method: 'password', aal: 'aal1' },
          device: { ipAddress: '192.0.2.7:50123', userAgent: USER_AGENT, location: '' },
          nowMs: of.nowMs,
          lifespanMs: DAY_MS,
        }),
      }));
      await database.transaction(async (stores) => {
        for (const identity of people) await stores.identities.insert(identity);
        for (const { token, session } of signedIn) await stores.sessions.insert(session, tokenDigest(token));
      });
      identifiers.push(...people.map(({ credentials }) => credentials['password']?.identifiers[0] ?? ''));
      sessions.push(...signedIn.map(({ token, session }) => ({ token, expiresAtMs: session.expiresAtMs })));
      stored += people.length;
      of.onProgress(stored);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { identifiers, sessions };
}

const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

function person(
  number: number,
  { passwordHash, nowMs }: { readonly passwordHash: string; readonly nowMs: number },
): FullIdentity {
  const email = `person-${number}-${newUuid().slice(0, 8)}@example.com`;
  const identity = assembleIdentity({
    traits: {
      schemaId: 'person',
      traits: { email, name: `Person ${number}` },
      credentials: [{ type: 'password', identifiers: [email] }],
      verifiable: [{ via: 'email', value: email }],
      recovery: [{ via: 'email', value: email }],
    },
    credentials: [{ type: 'password', config: { hashed_password: passwordHash } }],
    nowMs,
    ownIdentifiers: new Set(),
  });
  return identity;
}
