// The structured log: one line for each thing that happened, as JSON for machines or as text for people, and never with a secret.
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';
import { type Clock, systemClock, toRfc3339 } from './clock.ts';
import type { Json } from './json.ts';
import { fieldsToText, messageToText } from './log-text.ts';
import { createRedactor, type Redactor } from './redact.ts';

export type LogFields = Readonly<Record<string, unknown>>;

/** As the configuration names them. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'fatal' | 'panic';

export type LogSeverity = 'debug' | 'info' | 'warn' | 'error';

/** Fields may hold anything: what is secret is taken out, errors are printed with their causes. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines all carry these fields too. */
  child(fields: LogFields): Log;
  /** For callers whose fields are dear to make. */
  isEnabled(severity: LogSeverity): boolean;
  /** Waits until everything is written. */
  flush(): Promise<void>;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** Stands where a secret was. */
  readonly redactionText?: string;
  readonly version?: string;
  /** Where lines go instead of the standard output; each call is one line with its end. */
  readonly stream?: { readonly write: (line: string) => void };
  readonly clock?: Clock;
}

/** Lines are gathered up to this size or for this long, so that a request does not wait for the output of its line. */
const BUFFER_BYTES = 4096;
const FLUSH_EVERY_MS = 500;
const STDOUT = 1;

type Write = (severity: LogSeverity, message: string, fields: LogFields | undefined) => void;

/** What a format provides; `nested` takes fields that are redacted already. */
interface Writer {
  readonly write: Write;
  readonly nested: (fields: Record<string, Json>) => Writer;
}

const RANK: Readonly<Record<LogSeverity, number>> = { debug: 20, info: 30, warn: 40, error: 50 };
const LEAST_RANK: Readonly<Record<LogLevel, number>> = {
  ...{ trace: 10, debug: 20, info: 30, warning: 40, error: 50, fatal: 60, panic: 60 },
};

export function createLog(options: LogOptions): Log {
  const redactor = createRedactor(options.redactionText || undefined);
  const { stream, flush } = openStream(options);
  const clock = options.clock ?? systemClock;
  const time = createTimeText(clock);
  const writer =
    options.format === 'json'
      ? jsonWriter(createPino(options, stream, time), redactor)
      : textWriter({ stream, redactor, time, bound: '' });
  return toLog(writer, { redactor, flush, leastRank: LEAST_RANK[options.level] });
}

/** Writes nothing: for tests. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
  isEnabled: () => false,
  flush: () => Promise.resolve(),
};

interface Shared {
  readonly redactor: Redactor;
  readonly flush: () => Promise<void>;
  readonly leastRank: number;
}

function toLog(writer: Writer, shared: Shared): Log {
  const at = (severity: LogSeverity) =>
    RANK[severity] < shared.leastRank
      ? () => {}
      : (message: string, fields?: LogFields) => writer.write(severity, message, fields);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => toLog(writer.nested(shared.redactor.fields(fields)), shared),
    isEnabled: (severity) => RANK[severity] >= shared.leastRank,
    flush: shared.flush,
  };
}

function createPino(options: LogOptions, stream: DestinationStream, time: () => string): Logger {
  return pino(
    {
      level: 'trace', // what is too low never comes here
      base: { service_name: 'Bia', service_version: options.version ?? '' },
      timestamp: () => `,"time":"${time()}"`,
      // The levels' names are those of the configuration.
      formatters: { level: (label) => ({ level: label === 'warn' ? 'warning' : label }) },
      serializers: {},
    },
    stream,
  );
}

function jsonWriter(logger: Logger, redactor: Redactor): Writer {
  return {
    write: (severity, message, fields) => {
      if (fields) logger[severity](redactor.fields(fields), redactor.text(message));
      else logger[severity](redactor.text(message));
    },
    nested: (fields) => jsonWriter(logger.child(fields), redactor),
  };
}

const LABEL: Readonly<Record<LogSeverity, string>> = {
  debug: 'debug  ',
  info: 'info   ',
  warn: 'warning',
  error: 'error  ',
};

interface TextOptions {
  readonly stream: DestinationStream;
  readonly redactor: Redactor;
  readonly time: () => string;
  /** Fields of a child, as text. */
  readonly bound: string;
}

function textWriter(of: TextOptions): Writer {
  const { stream, redactor, time, bound } = of;
  return {
    write: (severity, message, fields) => {
      const tail = fields ? fieldsToText(redactor.fields(fields)) : '';
      stream.write(`${time()} ${LABEL[severity]} ${messageToText(redactor.text(message))}${bound}${tail}\n`);
    },
    nested: (fields) => textWriter({ ...of, bound: bound + fieldsToText(fields) }),
  };
}

function openStream({ stream, format }: LogOptions): {
  readonly stream: DestinationStream;
  readonly flush: () => Promise<void>;
} {
  if (stream) return { stream: { write: (line) => stream.write(line) }, flush: () => Promise.resolve() };
  // Who sits in front of it sees text lines at once. What is left when the process ends is written by pino itself.
  const isWatched = format === 'text' && isatty(STDOUT);
  const gathering = isWatched ? { minLength: 1 } : { minLength: BUFFER_BYTES, periodicFlush: FLUSH_EVERY_MS };
  const destination = pino.destination({ dest: STDOUT, sync: false, ...gathering });
  return {
    stream: destination,
    flush: () =>
      new Promise((resolve) => {
        // It is told of an error where the output is a pipe or a terminal, which cannot be forced to a disk: all is written then.
        destination.flush(() => resolve());
      }),
  };
}

/** The time of now as text; made once for each millisecond. */
function createTimeText(clock: Clock): () => string {
  let ofMs = Number.NaN;
  let text = '';
  return () => {
    const nowMs = clock.nowMs();
    if (nowMs !== ofMs) {
      ofMs = nowMs;
      text = toRfc3339(nowMs);
    }
    return text;
  };
}
