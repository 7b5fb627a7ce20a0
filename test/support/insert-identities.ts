// A process of its own that stores identities: `insert-identities.ts DSN PREFIX COUNT`. Each id is printed once it is stored.
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/lib/clock.ts';
import { openDatabase } from '../../src/store/open.ts';
import { aPerson, aSession } from './samples.ts';

const [dsn = '', prefix = '', count = '0'] = process.argv.slice(2);
const database = openDatabase({ dsn, clock: systemClock });
let next = 0;

async function insertAll(): Promise<void> {
  while (next < Number(count)) {
    next += 1;
    const person = aPerson(`${prefix}-${next}@example.com`);
    await database.transaction(async (stores) => {
      await stores.identities.insert(person);
      await stores.sessions.insert(aSession(person.id), person.id);
    });
    // At once, past every buffer of this process.
    writeSync(1, `${person.id}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, insertAll));
await database.close();
