// `bia doctor`: looks at an installation as its operator, its database and a browser would, and says what to do.
import { systemClock } from '../../../lib/clock.ts';
import { asBase } from '../../../lib/url.ts';
import { VERSION } from '../../../lib/version.ts';
import { createOutbound } from '../../../outbound/outbound.ts';
import type { CommandContext, Handler, Invocation } from '../../line/command.ts';
import { refuseUnknownFormat, writeResult } from '../../line/result.ts';
import { configSources } from '../config-files.ts';
import { sourceOf } from '../serve.ts';
import { type Check, fault } from './check.ts';
import { configurationChecks, databaseChecks, secretChecks } from './installation.ts';
import { mailCheck } from './mail.ts';
import { reachChecks } from './reach.ts';

export const examine: Handler = async (invocation, context) => {
  refuseUnknownFormat(invocation);
  const checks = await allChecks(invocation, context);
  const faults = checks.filter(({ state }) => state === 'fault');
  await writeResult(
    {
      json: checks.map((check) => ({ ...check })),
      columns: ['CHECK', 'STATE', 'WHAT', 'WHAT TO DO'],
      rows: checks.map(({ name, state, text, advice }) => [name, state, text, advice ?? '-']),
      ids: [...new Set(faults.map(({ name }) => name))],
    },
    invocation,
    context.io,
  );
  return faults.length === 0 ? 0 : 1;
};

const TIMEOUT_MS = 10_000;

async function allChecks(invocation: Invocation, { io, deps }: CommandContext): Promise<readonly Check[]> {
  const sources = configSources(invocation, io);
  const loader = await deps.createLoader();
  const { faults, loaded } = loader.inspect(sources);
  const configuration = configurationChecks({ faults, warnings: loaded?.warnings ?? [] });
  // What is left of a faulty configuration has stand-ins in it: nothing that it says of an address can be relied on.
  if (!loaded || faults.length > 0) return configuration;
  const { config } = loaded;
  const { public: front, admin } = config.serve;
  const certificateFile = io.env['SSL_CERT_FILE'];
  return [
    ...configuration,
    ...secretChecks(config),
    ...(await guarded('database', () =>
      databaseChecks(config, { openDatabase: deps.openDatabase, source: sourceOf(sources.files, io) }),
    )),
    ...(await reachChecks({
      outbound: createOutbound({ timeoutMs: TIMEOUT_MS, certificateFile }),
      publicUrl: asBase(invocation.text('public-url') ?? front.base_url ?? `http://127.0.0.1:${front.port}/`),
      adminUrl: invocation.text('endpoint') ?? admin.base_url ?? `http://127.0.0.1:${admin.port}/`,
      version: VERSION,
      nowMs: () => systemClock.nowMs(),
    })),
    await mailCheck(config, {
      to: invocation.text('mail-to'),
      nowMs: systemClock.nowMs(),
      certificateFile,
    }),
  ];
}

/** What cannot even be looked at is a finding too, and no reason to leave out the others. */
async function guarded(name: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    return [fault(name, error instanceof Error ? error.message : String(error), 'see docs/guides')];
  }
}
