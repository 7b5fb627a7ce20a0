// Everybody changes one account at the same time, on two nodes: is every acknowledged change there afterwards?
import { freshDatabase, SHARED_DATABASES } from '../../../test/support/databases.ts';
import { runMixedChanges } from '../../../test/support/mixed-changes.ts';
import type { Attack, Figure } from '../attack.ts';

export const attack: Attack = {
  claim: 'no acknowledged change of an account is lost, whoever else changes it',
  run: async (_target, { seconds, note }) => {
    const figures: Figure[] = [];
    for (const name of SHARED_DATABASES) {
      note(name);
      figures.push(...(await attackDatabase(name, seconds)));
    }
    return figures;
  },
};

async function attackDatabase(
  name: (typeof SHARED_DATABASES)[number],
  seconds: number,
): Promise<readonly Figure[]> {
  const ends: (() => void | Promise<void>)[] = [];
  const fresh = await freshDatabase(name);
  try {
    const scope = { after: (end: () => void | Promise<void>) => void ends.push(end) };
    const { acts, lost, failures } = await runMixedChanges(scope, { dsn: fresh.dsn, seconds });
    const counts = Object.entries(acts).map(
      ([act, { acknowledged, refused }]) => `${act} ${acknowledged} (${refused} refused)`,
    );
    return [
      { what: `${name}, acknowledged`, value: counts.join(', '), isFine: true },
      { what: `${name}, lost`, value: [lost.length, ...lost].join(', '), isFine: lost.length === 0 },
      {
        what: `${name}, failed`,
        value: [failures.length, ...failures].join(', '),
        isFine: failures.length === 0,
      },
    ];
  } finally {
    for (const end of ends.toReversed()) await end();
    await fresh.remove();
  }
}
