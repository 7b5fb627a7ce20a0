// All stores bound to one transaction; using the outer ones inside it is refused at once.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kysely } from 'kysely';
import type { CourierMessage } from '../courier/message.ts';
import type { SecurityEvent } from '../event/event.ts';
import type { SingleStores, Stores } from '../flow/store.ts';
import type { OutboxEvent } from '../outbox/event.ts';
import { createEventStore } from './events.ts';
import { createFlowStore } from './flows.ts';
import { type Handle, type Traces, textsThroughKysely } from './handle.ts';
import { apply } from './identity/apply.ts';
import { createIdentityStore } from './identity/identities.ts';
import { createImportRecordStore } from './imports.ts';
import { createMessageStore } from './messages.ts';
import { createOneTimeSecretStore } from './one-time-secrets.ts';
import { createOutboxStore } from './outbox.ts';
import { createExchangeStore } from './session-exchanges.ts';
import { createSessionStore } from './sessions.ts';
import { createCounterStore, createErrorStore, createParkedStore } from './small-stores.ts';
import type { Tables } from './tables.ts';

export function createStores(handle: Handle): SingleStores {
  return {
    identities: createIdentityStore(handle),
    sessions: createSessionStore(handle),
    flows: createFlowStore(handle),
    errors: createErrorStore(handle),
    parked: createParkedStore(handle),
    counters: createCounterStore(handle),
    events: createEventStore(handle),
    secrets: createOneTimeSecretStore(handle),
    messages: createMessageStore(handle),
    imports: createImportRecordStore(handle),
    exchanges: createExchangeStore(handle),
    outbox: createOutboxStore(handle),
  };
}

const inside = new AsyncLocalStorage<true>();

/**
 * Throws inside a transaction's work. There the outer handle would wait for a connection that the transaction holds:
 * on one SQLite connection for ever.
 */
export function refuseInsideTransaction(): void {
  if (inside.getStore()) {
    throw new Error('an outer store was used inside a transaction; use the stores that it was given');
  }
}

/**
 * Runs work with stores of an open transaction, and collects the events and messages it writes. After a failed write the transaction
 * fails, even where the work caught the error: PostgreSQL allows nothing else, and on SQLite half of it would be stored.
 */
export async function runInside<T>(
  of: { readonly db: Kysely<Tables>; readonly kind: Handle['kind'] },
  work: (stores: Stores) => Promise<T>,
): Promise<{ readonly value: T } & Traces> {
  const { db, kind } = of;
  let failure: { readonly error: unknown } | undefined;
  const write: Handle['write'] = async (statements) => {
    try {
      return await statements(db);
    } catch (error) {
      failure ??= { error };
      throw error;
    }
  };
  const stores = createStores({
    ...{ kind, read: db, write, writeOne: write },
    ...textsThroughKysely(db, write),
  });
  const events: SecurityEvent[] = [];
  const messages: CourierMessage[] = [];
  const outbox: OutboxEvent[] = [];
  const observed: SingleStores = {
    ...stores,
    events: {
      ...stores.events,
      append: async (event) => {
        await stores.events.append(event);
        events.push(event);
      },
    },
    messages: {
      ...stores.messages,
      insert: async (message) => {
        await stores.messages.insert(message);
        messages.push(message);
      },
    },
    outbox: {
      ...stores.outbox,
      insert: async (event) => {
        await stores.outbox.insert(event);
        outbox.push(event);
      },
    },
  };
  const identities: Stores['identities'] = {
    ...stores.identities,
    apply: (plan) => apply({ db, kind, stores: observed, write }, plan),
  };
  const value = await inside.run(true, () => work({ ...observed, identities }));
  if (failure) throw failure.error;
  return { value, events, messages, outbox };
}
