// The modules of a QR picture, read from its pixels as a camera would see them.
import { inflateSync } from 'node:zlib';

/** Rows of dark (true) and light modules, without the margin. */
export function readQrModules(dataUrl: string): readonly (readonly boolean[])[] {
  const dark = darkPixels(Buffer.from(dataUrl.split(',')[1] ?? '', 'base64'));
  const size = dark.length;
  const rows = [...dark.keys()].filter((y) => dark[y]?.some(Boolean));
  const [first = 0, last = size - 1] = [rows[0], rows.at(-1)];
  const row = dark[first] ?? [];
  const left = row.indexOf(true);
  // The finder pattern in the corner is seven modules wide, and its first row is dark throughout.
  const finder = row.indexOf(false, left) - left;
  const modulePixels = finder / 7;
  const count = Math.round((last - first + 1) / modulePixels);
  const middle = (at: number): number => Math.floor(first + (at + 0.5) * modulePixels);
  return Array.from({ length: count }, (_, y) =>
    Array.from({ length: count }, (__, x) => dark[middle(y)]?.[middle(x) - first + left] ?? false),
  );
}

/** A PNG of eight bits for each of red, green, blue and opacity, which is how pictures in data URLs come. */
function darkPixels(png: Buffer): readonly (readonly boolean[])[] {
  const parts: Buffer[] = [];
  let width = 0;
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') width = data.readUInt32BE(0);
    if (type === 'IDAT') parts.push(data);
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * 4;
  const rows: Buffer[] = [];
  for (let at = 0; at < raw.length; at += stride + 1) {
    const above = rows.at(-1) ?? Buffer.alloc(stride);
    rows.push(unfiltered(raw[at] ?? 0, raw.subarray(at + 1, at + 1 + stride), above));
  }
  return rows.map((row) => Array.from({ length: width }, (_, x) => (row[x * 4] ?? 255) < 128));
}

/** Undoes the filters of PNG (RFC 2083 section 6). */
function unfiltered(filter: number, row: Buffer, above: Buffer): Buffer {
  const out = Buffer.alloc(row.length);
  for (let at = 0; at < row.length; at += 1) {
    const [left, up, corner] = [out[at - 4] ?? 0, above[at] ?? 0, above[at - 4] ?? 0];
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
    out[at] = ((row[at] ?? 0) + guess) & 255;
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
