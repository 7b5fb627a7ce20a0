// A WebAssembly module whose memory has an upper bound: the engine refuses to grow it further, whatever the code asks for.

const MAGIC_AND_VERSION_BYTES = 8;
const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;

/**
 * The module with a maximum for its one memory, in pages of 64 KiB (WebAssembly core specification 5.5.8). Nothing else can bound it: limits of
 * a worker thread count the heap of JavaScript only. Throws where the module has no memory of its own.
 */
export function limitMemory(module: Uint8Array, maxPages: number): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [module.subarray(0, MAGIC_AND_VERSION_BYTES)];
  let isLimited = false;
  for (let at = MAGIC_AND_VERSION_BYTES; at < module.length; ) {
    const size = readNumber(module, at + 1);
    const end = size.end + size.value;
    if (module[at] === MEMORY_SECTION) {
      // One byte of count, one of flags, then the pages to start with.
      const least = readNumber(module, size.end + 2).value;
      const section = [1, HAS_MAXIMUM, ...numberBytes(least), ...numberBytes(maxPages)];
      parts.push(Uint8Array.of(MEMORY_SECTION, ...numberBytes(section.length), ...section));
      isLimited = true;
    } else parts.push(module.subarray(at, end));
    at = end;
  }
  if (!isLimited) throw new Error('the WebAssembly module has no memory that could be limited');
  return Uint8Array.from(Buffer.concat(parts));
}

/** An unsigned number in LEB128: seven bits a byte, the lowest first. */
function readNumber(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let at = start;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at] ?? 0;
    at += 1;
    value += (byte & 127) * factor;
    if (byte < 128) return { value, end: at };
  }
}

function numberBytes(value: number): readonly number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low | 128, ...numberBytes(Math.floor(value / 128))];
}
