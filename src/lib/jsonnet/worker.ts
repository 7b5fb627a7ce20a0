// The thread in which Jsonnet snippets are evaluated: one program after another, with a bounded memory.
import { parentPort } from 'node:worker_threads';
import { limitMemory } from './wasm-memory.ts';

/** To the thread that started this one. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'text'; readonly text: string; readonly isWornOut: boolean }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'crashed' };

export interface Question {
  readonly program: string;
  /** JSON text that the program gets as the external variable `input`. */
  readonly input: string;
  readonly maxOutputBytes: number;
}

const MAX_MEMORY_PAGES = 2048; // 128 MiB
/** The evaluator loses some kilobytes with each evaluation; beyond this size a new thread is cheaper. */
const WORN_OUT_BYTES = 64 * 1024 * 1024;

/** What of WebAssembly is used here; Node's types leave it to those of browsers. */
interface Wasm {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: { readonly memory: Memory } };
}
interface Memory {
  readonly buffer: ArrayBufferLike;
}

/** Loads the evaluator. Its package compiles the module by itself, so the bound is put between them, in this thread only. */
async function loadEvaluator() {
  const wasm = Reflect.get(globalThis, 'WebAssembly') as Wasm; // every engine has it
  const { Module, Instance } = wasm;
  let memory: Memory | undefined;
  wasm.Module = class extends Module {
    constructor(bytes: Uint8Array) {
      super(limitMemory(bytes, MAX_MEMORY_PAGES));
    }
  };
  wasm.Instance = class extends Instance {
    constructor(module: object, imports: object) {
      super(module, imports);
      memory = this.exports.memory;
    }
  };
  const { default: Jsonnet } = await import('@arakoodev/jsonnet');
  Object.assign(wasm, { Module, Instance });
  return { jsonnet: new Jsonnet(), sizeBytes: () => memory?.buffer.byteLength ?? 0 };
}

const { jsonnet, sizeBytes } = await loadEvaluator();
const answer = (value: Answer): void => parentPort?.postMessage(value);

parentPort?.on('message', ({ program, input, maxOutputBytes }: Question) => {
  try {
    const text = jsonnet.extString('input', input).evaluateSnippet(program);
    if (Buffer.byteLength(text) > maxOutputBytes) answer({ kind: 'too-large' });
    else answer({ kind: 'text', text, isWornOut: sizeBytes() > WORN_OUT_BYTES });
  } catch {
    // Out of memory, or a stack that was too deep: what state the evaluator is in, nobody knows.
    answer({ kind: 'crashed' });
  }
});
answer({ kind: 'ready' });
