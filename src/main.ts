#!/usr/bin/env node
// Process entry: the words of the command line -> a command -> an exit code.

// Nothing is imported before this check: what comes after it needs the newer Node.
const [major = '0'] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `Bia needs Node 24 or newer; this is Node ${process.versions.node}.\n` +
      'Run it by "npm start" or "bin/bia.mjs", which find the Node that "npm install" has brought along.\n',
  );
  process.exit(1);
}

const { keepYoungGenerationSmall, letYoungGenerationGrow } = await import('./lib/young-generation.ts');
keepYoungGenerationSmall();
const { runCommandLine } = await import('./cli/line/run.ts');
const { createProcessIo, endProcess } = await import('./cli/line/process-io.ts');

const code = await runCommandLine(process.argv.slice(2), createProcessIo(process.argv[1]), {
  // Each of them is loaded only for the commands that need it.
  createLoader: async () => (await import('./app/parts.ts')).createLoader(),
  serve: async (request) => {
    const served = await (await import('./app/serve.ts')).serve(request);
    letYoungGenerationGrow();
    return served;
  },
  watchCourier: async (request) => (await import('./app/serve.ts')).watchCourier(request),
  importKratos: async (request) => (await import('./app/import-kratos.ts')).importKratos(request),
  openDatabase: async (dsn) => {
    const { openDatabase } = await import('./store/open.ts');
    const { systemClock } = await import('./lib/clock.ts');
    return openDatabase({ dsn, clock: systemClock });
  },
  backups: () => import('./store/sqlite/backup.ts'),
  reseal: async (sources, onLooked) => {
    const { openDatabase } = await import('./store/open.ts');
    const { systemClock } = await import('./lib/clock.ts');
    const open = (dsn: string) => openDatabase({ dsn, clock: systemClock });
    return (await import('./app/reseal.ts')).reseal({ ...sources, open }, onLooked);
  },
  cleanUp: async ({ dsn, ...request }) => {
    const { openDatabase } = await import('./store/open.ts');
    const { systemClock } = await import('./lib/clock.ts');
    return (await import('./app/clean-up.ts')).cleanUp(openDatabase({ dsn, clock: systemClock }), request);
  },
});
await endProcess(code);
