// Texts that the configuration points to: file://, base64://, http(s)://.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Larger sources are a mistake: schemas and templates have a few kilobytes. */
export const SOURCE_LIMIT_BYTES = 1024 * 1024;

export type FetchText = (url: string) => Promise<{ readonly status: number; readonly text: string }>;

/** The text behind a source address. Throws an Error that names the address and the reason. */
export async function readSource(uri: string, fetchText: FetchText): Promise<string> {
  if (uri.startsWith('base64://'))
    return Buffer.from(uri.slice('base64://'.length), 'base64').toString('utf8');
  if (uri.startsWith('file://')) {
    // `file://./a` is relative to the working directory, `file:///a` is absolute (docs/protocol/platform.md 1.4).
    const path = uri.startsWith('file:///') ? fileURLToPath(uri) : uri.slice('file://'.length);
    return readFile(path, 'utf8');
  }
  if (!/^https?:\/\//.test(uri))
    throw new Error(`"${uri.slice(0, 60)}" is not a file://, base64:// or http(s):// URL`);
  const { status, text } = await fetchText(uri);
  if (status !== 200) throw new Error(`${uri} answered ${status}`);
  return text;
}
