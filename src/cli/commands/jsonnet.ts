// `bia jsonnet lint` and `format`: can the snippets of an operator be read?
import { readFile } from 'node:fs/promises';
import { createJsonnet } from '../../lib/jsonnet/jsonnet.ts';
import { CommandError, type Handler } from '../line/command.ts';

/** By the evaluator of the server itself: what passes here can be read there. */
export const lintJsonnet: Handler = async (invocation, { io }) => {
  const jsonnet = createJsonnet();
  let faults = 0;
  try {
    for (const file of invocation.positionals) {
      const fault = await readFile(file, 'utf8').then(
        (snippet) => jsonnet.syntaxFault(snippet),
        (error: Error) => error.message,
      );
      if (fault === undefined) continue;
      faults += 1;
      io.err(`${file}: ${fault}\n`);
    }
  } finally {
    await jsonnet.stop();
  }
  if (faults === 0) io.out(`${invocation.positionals.length} checked, no faults.\n`);
  return faults === 0 ? 0 : 1;
};

/** Files are left alone rather than rewritten by something that nobody else uses. */
export const formatJsonnet: Handler = () =>
  Promise.reject(
    new CommandError(
      'Bia cannot format Jsonnet: its evaluator has no formatter',
      'use jsonnetfmt of https://jsonnet.org; what it writes can be read here (bia jsonnet lint FILE)',
    ),
  );
