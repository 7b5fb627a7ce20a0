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

// What Node makes of the source files is kept between starts: without it each start strips their types anew, which takes half
// of the time and 20 MiB. It lies beside the sources, because whoever can write there decides anyway what runs; a folder for
// temporary files, Node's own choice, is open to others. Where it cannot be written, nothing is kept.
const { enableCompileCache } = await import('node:module');
enableCompileCache(`${import.meta.dirname}/../.cache`);

const { runCommandLine } = await import('./cli/run.ts');
const { createProcessIo, endProcess } = await import('./cli/process-io.ts');

const code = await runCommandLine(process.argv.slice(2), createProcessIo(), {
  // Each of them is loaded only for the commands that need it.
  createLoader: async () => (await import('./app.ts')).createLoader(),
  serve: async (request) => (await import('./app.ts')).serve(request),
  watchCourier: async (request) => (await import('./app.ts')).watchCourier(request),
  openDatabase: async (dsn) => {
    const { openDatabase } = await import('./store/open.ts');
    const { systemClock } = await import('./lib/clock.ts');
    return openDatabase({ dsn, clock: systemClock });
  },
});
await endProcess(code);
