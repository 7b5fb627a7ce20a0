// The fields of a multipart form. Files are passed over: they have no place in any form of ours.
import { Busboy } from '@fastify/busboy';

type Entries = readonly (readonly [name: string, value: string])[];

export type Multipart = { readonly kind: 'fields'; readonly entries: Entries } | { readonly kind: Refused };
type Refused = 'broken' | 'too-many' | 'name-too-long';

interface MultipartLimits {
  readonly maxFields: number;
  readonly maxNameLength: number;
}

/** Fed in slices, so that a form of nothing but parts is left as soon as there are too many. */
const SLICE_BYTES = 16 * 1024;
const MAX_HEADERS = 20;

/** Never throws for what a client sends. */
export function readMultipart(
  bytes: Uint8Array,
  contentType: string,
  { maxFields, maxNameLength }: MultipartLimits,
): Promise<Multipart> {
  return new Promise((resolve) => {
    const entries: [string, string][] = [];
    let parser: InstanceType<typeof Busboy>;
    try {
      parser = new Busboy({
        headers: { 'content-type': contentType },
        limits: {
          fieldNameSize: maxNameLength,
          // The body as a whole has a limit already.
          fieldSize: bytes.length,
          fields: maxFields,
          parts: maxFields,
          headerPairs: MAX_HEADERS,
        },
      });
    } catch {
      // No boundary, or one that cannot be.
      resolve({ kind: 'broken' });
      return;
    }
    let failed: Refused | undefined;
    const fail = (kind: Refused) => () => {
      failed ??= kind;
      resolve({ kind: failed });
    };
    parser.on('field', (name, value, isNameCut) => {
      if (isNameCut) fail('name-too-long')();
      // A part without a name is none of ours.
      else if (typeof name === 'string') entries.push([name, value]);
    });
    parser.on('file', (_name, stream) => stream.resume());
    parser.on('partsLimit', fail('too-many'));
    parser.on('fieldsLimit', fail('too-many'));
    parser.on('error', fail('broken'));
    parser.on('finish', () => resolve({ kind: 'fields', entries }));
    for (let at = 0; at < bytes.length && failed === undefined; at += SLICE_BYTES) {
      parser.write(Buffer.from(bytes.subarray(at, at + SLICE_BYTES)));
    }
    if (failed === undefined) parser.end();
  });
}
