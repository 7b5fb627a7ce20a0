// What commands have in common that run until they are told to stop: the signal, and faults of the start in words.
import { CommandError, type Io } from '../line/command.ts';

/** A terminal signals every process of its group, and a launcher hands its own on: such an echo is no second request. */
const ECHO_MS = 500;

/** Settles at the first request to stop; a second one ends the process at once. */
export function whenStopped(io: Io): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    io.onStopSignal(() => {
      if (firstMs !== undefined && io.nowMs() - firstMs > ECHO_MS) io.exitNow(1);
      firstMs ??= io.nowMs();
      resolve();
    });
  });
}

interface SystemError extends Error {
  readonly code: string;
  readonly port?: number;
  readonly address?: string;
  readonly path?: string;
}

const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';

/** Faults of the machine in words, with what to do; anything else as it came. */
export function explained(error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const { port, address = '', path } = error;
  const where = port === undefined ? address : `port ${port} of ${address}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new CommandError(
        `${where} is already taken by another process`,
        `stop that process, or choose another port: serve.public.port or serve.admin.port (in the environment SERVE_PUBLIC_PORT or SERVE_ADMIN_PORT)`,
      );
    case 'EACCES':
      if (port === undefined) return path === undefined ? error : unusableFile(path, error.code);
      return new CommandError(
        `${where} may not be used by this user`,
        'choose a port above 1023 by serve.public.port or serve.admin.port',
      );
    case 'EADDRNOTAVAIL':
      return new CommandError(
        `this machine does not have the address ${address}`,
        'choose another one by serve.public.host or serve.admin.host, such as 0.0.0.0',
      );
    case 'ECONNREFUSED':
      return new CommandError(
        `the database cannot be reached (${where})`,
        'is it running, and is the DSN right?',
      );
    case 'ERR_SQLITE_ERROR':
      return new CommandError(
        `the SQLite database cannot be used: ${error.message}`,
        'is the file of the DSN a database, and may this user write to it and to its folder?',
      );
    case 'EROFS':
    case 'ENOSPC':
    case 'ENOTDIR':
      return path === undefined ? error : unusableFile(path, error.code);
    default:
      return error;
  }
}

const unusableFile = (path: string, code: string): CommandError =>
  new CommandError(`${path} cannot be used (${code})`, 'may this user write there?');
