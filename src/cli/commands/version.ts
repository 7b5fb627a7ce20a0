// `bia version`.
import { VERSION } from '../../lib/version.ts';
import type { Handler } from '../line/command.ts';

export const showVersion: Handler = async (_invocation, { io }) => {
  io.out(`${versionText()}\n`);
  return 0;
};

export const versionText = (): string => `bia ${VERSION} (Node ${process.versions.node})`;
