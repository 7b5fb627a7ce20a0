// Goes through the sealed payloads of all events and stores what becomes of them, beside servers that run.
import type { Handle } from './handle.ts';

const BATCH = 200;

/** `rewrite` gives the new payload, or undefined where it stays. Events that are done count too: they can be replayed. */
export async function rewriteEvents(
  handle: Handle,
  of: {
    readonly rewrite: (hook: string, payload: string) => string | undefined;
    readonly onLooked?: (count: number) => void;
  },
): Promise<void> {
  let looked = 0;
  for (let last = 0; ; ) {
    const rows = await handle.read
      .selectFrom('outbox_events')
      .select(['position', 'hook', 'sealed_payload'])
      .where('position', '>', last)
      .orderBy('position')
      .limit(BATCH)
      .execute();
    for (const { position, hook, sealed_payload: before } of rows) {
      const next = of.rewrite(hook, before);
      if (next === undefined) continue;
      // Workers change the rest of a row; of two that seal anew, the first one wins. A row that was removed stays away.
      await handle.writeOne((db) =>
        db
          .updateTable('outbox_events')
          .set({ sealed_payload: next })
          .where('position', '=', position)
          .where('sealed_payload', '=', before)
          .execute(),
      );
    }
    looked += rows.length;
    of.onLooked?.(looked);
    const end = rows.at(-1);
    if (!end || rows.length < BATCH) return;
    last = end.position;
  }
}
