// `bia secrets reseal`: the last step before an old secret leaves the configuration.
import type { Handler } from '../line/command.ts';
import { createProgress } from '../line/progress.ts';
import { refuseUnknownFormat, writeResult } from '../line/result.ts';
import { configSources } from './config-files.ts';

export const resealSecrets: Handler = async (invocation, { io, deps }) => {
  refuseUnknownFormat(invocation);
  const progress = createProgress(io, 'looked at');
  const report = await deps.reseal(configSources(invocation, io), progress.update);
  progress.finish();
  const { looked, resealed, unreadable } = report;
  await writeResult(
    {
      json: { looked, resealed, unreadable },
      columns: ['LOOKED AT', 'RESEALED', 'UNREADABLE'],
      rows: [[String(looked), String(resealed), String(unreadable)]],
      ids: [],
      isSingle: true,
    },
    invocation,
    io,
  );
  if (unreadable === 0) return 0;
  io.err(
    'Some are sealed with a secret that is not in the configuration. Put it back to the end of secrets.cipher and run this again. Without it people have to set up these credentials anew, and these events cannot be delivered.\n',
  );
  return 1;
};
