// `bia courier watch`: sends messages from a process of its own, beside servers that do not.
import { faultToText } from '../../config/fault.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Handler } from '../line/command.ts';
import { wholeNumber } from '../line/flags.ts';
import { asTyped } from '../line/program-name.ts';
import { databaseName } from './database-name.ts';
import { explained, whenStopped } from './running.ts';
import { sourceOf } from './serve.ts';
import { waitForDatabase } from './wait-for-database.ts';

export const watchCourier: Handler = async (invocation, { io, deps }) => {
  const files = invocation.all('config').flatMap((file) => file.split(','));
  const flags: JsonObject =
    invocation.text('expose-metrics-port') === undefined
      ? {}
      : { 'expose-metrics-port': wholeNumber(invocation, 'expose-metrics-port', { min: 0, max: 65_535 }) };
  // Before anything is claimed, so that a signal during the start is not lost.
  const stop = whenStopped(io);
  const courier = await deps.watchCourier({ files, env: io.env, flags }).catch((error: unknown) => {
    throw explained(error);
  });
  const { config, warnings } = courier.bia;
  for (const warning of warnings) if (warning.key !== 'dev') io.err(`warning: ${faultToText(warning)}\n`);
  const isJson = config.log.format === 'json';
  const name = databaseName(config.dsn);
  const waiting = { database: courier.bia.database, name, source: sourceOf(files, io), isJson, stop };
  try {
    if (await waitForDatabase(waiting, { ...io, err: (text) => io.err(asTyped(text, io.program)) })) {
      io.out(
        runningText(name, { isJson, ...(courier.metricsUrl ? { metricsUrl: courier.metricsUrl } : {}) }),
      );
      await stop;
    }
  } finally {
    await courier.stop();
  }
  return 0;
};

function runningText(
  database: string,
  { isJson, metricsUrl }: { readonly isJson: boolean; readonly metricsUrl?: string },
): string {
  if (isJson) {
    const line = { level: 'info', msg: 'the courier is running', database };
    return `${JSON.stringify({ ...line, ...(metricsUrl ? { metrics_url: metricsUrl } : {}) })}\n`;
  }
  return [
    `The courier is running on ${database}.`,
    ...(metricsUrl ? [`Metrics: ${metricsUrl}`] : []),
    'Stop it with Ctrl+C.',
    '',
  ].join('\n');
}
