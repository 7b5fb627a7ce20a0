// Jsonnet snippets of operators, evaluated apart from the server: bounded in time, memory and size, and cut off from files.
import { Worker } from 'node:worker_threads';
import type { Json } from '../json.ts';
import { inputToText, type JsonnetInput, readEvaluated, toProgram, toSyntaxProbe } from './program.ts';
import type { Answer, Question } from './worker.ts';

export type { JsonnetInput } from './program.ts';

export type JsonnetResult =
  | { readonly ok: true; readonly value: Json }
  | {
      readonly ok: false;
      /** `snippet`: it is wrong, or it ended with `error`; `limit`: it took too much; `busy`: too many wait already. */
      readonly kind: 'snippet' | 'limit' | 'busy';
      readonly message: string;
    };

export interface Jsonnet {
  evaluate(snippet: string, input?: JsonnetInput): Promise<JsonnetResult>;
  /** Whether the snippet can be read, without calling anything in it; undefined where it can. */
  syntaxFault(snippet: string): Promise<string | undefined>;
  /** Ends the threads. What was not evaluated yet is answered as busy. */
  stop(): Promise<void>;
}

export interface JsonnetOptions {
  readonly timeLimitMs?: number;
  readonly maxOutputBytes?: number;
  /** Threads at the most; the first one starts with the first snippet. */
  readonly threads?: number;
  /** Snippets that may wait for a thread. */
  readonly queueLength?: number;
  /** After so long without work a thread ends and gives its memory back. */
  readonly idleMs?: number;
}

/** Contract/platform.md 3.5. */
const TIME_LIMIT_MS = 1_000;
const MAX_OUTPUT_BYTES = 256 * 1024;
const IDLE_MS = 60_000;
const THREADS = 2;
const QUEUE_LENGTH = 256;

interface Job extends Question {
  readonly resolve: (result: JsonnetResult) => void;
}

export function createJsonnet(options: JsonnetOptions = {}): Jsonnet {
  const { timeLimitMs = TIME_LIMIT_MS, threads = THREADS, queueLength = QUEUE_LENGTH } = options;
  const { maxOutputBytes = MAX_OUTPUT_BYTES, idleMs = IDLE_MS } = options;
  const idle: Thread[] = [];
  const all = new Set<Thread>();
  const waiting: Job[] = [];
  let isStopped = false;

  function leave(thread: Thread): void {
    all.delete(thread);
    const at = idle.indexOf(thread);
    if (at >= 0) idle.splice(at, 1);
    void thread.end();
  }

  function next(): void {
    if (waiting.length === 0) return;
    const thread = idle.pop() ?? (all.size < threads ? startThread() : undefined);
    const job = thread && waiting.shift();
    if (!thread || !job) return;
    all.add(thread);
    void thread.run(job, timeLimitMs).then(({ result, isUsable }) => {
      job.resolve(result);
      if (!isUsable || isStopped) leave(thread);
      else {
        idle.push(thread);
        thread.rest(idleMs, () => leave(thread));
      }
      next();
    });
  }

  function enqueue(program: string, input: string): Promise<JsonnetResult> {
    if (isStopped || waiting.length >= queueLength) return Promise.resolve(BUSY);
    return new Promise((resolve) => {
      waiting.push({ program, input, maxOutputBytes, resolve });
      next();
    });
  }

  return {
    evaluate: (snippet, input = {}) => enqueue(toProgram(snippet), inputToText(input)),
    syntaxFault: async (snippet) => {
      const result = await enqueue(toSyntaxProbe(snippet), inputToText({}));
      return result.ok ? undefined : result.message;
    },
    stop: async () => {
      isStopped = true;
      for (const job of waiting.splice(0)) job.resolve(BUSY);
      await Promise.all([...all].map((thread) => thread.end()));
      all.clear();
    },
  };
}

const BUSY: JsonnetResult = { ok: false, kind: 'busy', message: 'too many Jsonnet snippets wait already' };
const limit = (message: string): JsonnetResult => ({ ok: false, kind: 'limit', message });

interface Ran {
  readonly result: JsonnetResult;
  /** False: the thread hangs, is broken or has used up its memory. */
  readonly isUsable: boolean;
}

interface Thread {
  run(question: Question, timeLimitMs: number): Promise<Ran>;
  /** Calls back when nothing was run for so long. */
  rest(idleMs: number, onTooLong: () => void): void;
  end(): Promise<unknown>;
}

function startThread(): Thread {
  // The published package holds JavaScript, the repository TypeScript.
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    name: 'jsonnet',
    // Nothing of the process is handed on: neither its environment nor its output.
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let onAnswer: (answer: Answer) => void = () => undefined;
  const ready = new Promise<Answer>((resolve) => {
    onAnswer = resolve;
  });
  worker.on('message', (answer: Answer) => onAnswer(answer));
  let hasEnded = false;
  const crashed = (): void => {
    hasEnded = true;
    onAnswer({ kind: 'crashed' });
  };
  worker.on('error', crashed);
  worker.on('exit', crashed);
  let resting: NodeJS.Timeout | undefined;

  return {
    run: async (question, timeLimitMs) => {
      clearTimeout(resting);
      worker.ref();
      // The start of the thread does not count: it says nothing about the snippet.
      await ready;
      if (hasEnded) return { result: limit('the evaluator of Jsonnet has ended'), isUsable: false };
      const answer = await new Promise<Answer | undefined>((resolve) => {
        const timer = setTimeout(() => resolve(undefined), timeLimitMs);
        onAnswer = (given) => {
          clearTimeout(timer);
          resolve(given);
        };
        const { program, input, maxOutputBytes } = question;
        worker.postMessage({ program, input, maxOutputBytes } satisfies Question);
      });
      worker.unref();
      return judge(answer, timeLimitMs);
    },
    rest: (idleMs, onTooLong) => {
      resting = setTimeout(onTooLong, idleMs);
      resting.unref();
    },
    end: () => {
      clearTimeout(resting);
      return worker.terminate();
    },
  };
}

const CRASHED: Ran = { result: limit('the snippet needs too much memory'), isUsable: false };

function judge(answer: Answer | undefined, timeLimitMs: number): Ran {
  if (!answer) return { result: limit(`the snippet took longer than ${timeLimitMs} ms`), isUsable: false };
  switch (answer.kind) {
    case 'text': {
      const read = readEvaluated(answer.text);
      const result: JsonnetResult = read.ok ? read : { ...read, kind: 'snippet' };
      return { result, isUsable: !answer.isWornOut };
    }
    case 'too-large':
      return { result: limit('the result of the snippet is too large'), isUsable: true };
    default:
      return CRASHED;
  }
}
