// `bia courier watch`: sends messages from a process of its own, beside servers that do not.
import { faultToText } from '../../config/fault.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Handler } from '../line/command.ts';
import { wholeNumber } from '../line/flags.ts';
import { databaseName } from './database-name.ts';
import { explained, whenStopped } from './running.ts';

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
  const { metricsUrl } = courier;
  if (config.log.format === 'json') {
    const line = { level: 'info', msg: 'the courier is running', database: databaseName(config.dsn) };
    io.out(`${JSON.stringify({ ...line, ...(metricsUrl ? { metrics_url: metricsUrl } : {}) })}\n`);
  } else {
    io.out(`The courier is running on ${databaseName(config.dsn)}.\n`);
    if (metricsUrl) io.out(`Metrics: ${metricsUrl}\n`);
    io.out('Stop it with Ctrl+C.\n');
  }
  await stop;
  await courier.stop();
  return 0;
};
