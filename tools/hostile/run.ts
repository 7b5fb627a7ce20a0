// `npm run hostile`: attacks a server in all ways that are known, and prints how it stood. One file of attacks/ for each.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Attack, Figure } from './attack.ts';
import { startTarget } from './target.ts';

const USAGE = `npm run hostile -- [options]
  --only TEXT      only attacks whose file name contains TEXT
  --seconds N      time for attacks that could go on for ever (default 20)
  --seed N         for what is chosen at random (default: another one each time)
  --dsn DSN        an empty database in place of SQLite
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    dsn: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

const folder = path.join(import.meta.dirname, 'attacks');
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name.includes(values.only));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
let hasFallen = files.length === 0;
say(`seed ${values.seed}`);
for (const file of files.sort()) {
  // Each file of the folder exports one attack by this name.
  const { attack } = (await import(path.join(folder, file))) as { readonly attack: Attack };
  say(`\n${attack.claim} (${file})`);
  const target = await startTarget(attack.config ?? {}, values.dsn);
  let figures: readonly Figure[];
  try {
    figures = await attack.run(target, {
      seconds: Number(values.seconds),
      seed: Number(values.seed),
      note: (line) => say(`  … ${line}`),
    });
  } finally {
    await target.stop();
  }
  for (const { what, value, isFine } of figures) say(`  ${isFine ? '✔' : '✖'} ${what}: ${value}`);
  hasFallen ||= figures.length === 0 || figures.some(({ isFine }) => !isFine);
}
process.exitCode = hasFallen ? 1 : 0;
