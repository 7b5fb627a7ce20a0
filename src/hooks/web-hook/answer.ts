// What a service answered: messages that stop the flow, or a changed identity (docs/protocol/platform.md 3.3).

import type { Static, TSchema } from 'typebox';
import type { IdentityRewrite } from '../../flow/hook/contract.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import type { Message, Problem } from '../../protocol/message.ts';
import { compileOwnSchema } from '../../schema/schema.ts';
import { Type } from '../../schema/typebox.ts';

const stop = Type.Object({
  messages: Type.Array(
    Type.Object({
      instance_ptr: Type.String(),
      messages: Type.Array(
        Type.Object({
          id: Type.Integer(),
          text: Type.String(),
          type: Type.String(),
          context: Type.Optional(Type.Unsafe<JsonObject>({ type: ['object', 'null'] })),
        }),
      ),
    }),
  ),
});

const address = Type.Object({
  value: Type.String(),
  via: Type.String(),
  verified: Type.Optional(Type.Boolean()),
});
const rewrite = Type.Object({
  identity: Type.Optional(
    Type.Object({
      schema_id: Type.Optional(Type.String()),
      state: Type.Optional(Type.Unsafe<'' | 'active' | 'inactive'>({ enum: ['', 'active', 'inactive'] })),
      traits: Type.Optional(Type.Unsafe<JsonObject>({ type: 'object' })),
      metadata_public: Type.Optional(Type.Unsafe<Json>({})),
      metadata_admin: Type.Optional(Type.Unsafe<Json>({})),
      external_id: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'] })),
      verifiable_addresses: Type.Optional(Type.Array(address)),
    }),
  ),
});

const stopSchema = compileOwnSchema(stop);
const rewriteSchema = compileOwnSchema(rewrite);

/** A form has some nodes; more messages than this are no help to anybody. */
const MAX_PROBLEMS = 100;

/** The problems that stop the flow; undefined where the answer holds none. */
export function readProblems(text: string): readonly Problem[] | undefined {
  const read = readAs<typeof stop>(text, stopSchema);
  const problems = (read?.messages ?? []).flatMap(({ instance_ptr: pointer, messages }) => {
    const at = nodeOf(pointer);
    return messages.map(({ id, text: said, type, context }): Problem => {
      const message: Message = {
        id,
        text: said,
        type: type === 'error' ? 'error' : 'info',
        ...(context && Object.keys(context).length > 0 ? { context } : {}),
      };
      return { message, ...(at === '' ? {} : { at }) };
    });
  });
  return problems.length === 0 ? undefined : problems.slice(0, MAX_PROBLEMS);
}

/** What the service makes of the person; undefined where the answer cannot be read. Empty members change nothing. */
export function readRewrite(text: string): IdentityRewrite | undefined {
  const read = readAs<typeof rewrite>(text, rewriteSchema);
  if (!read) return undefined;
  const given = read.identity ?? {};
  const { metadata_public: shown, metadata_admin: hidden, verifiable_addresses: addresses } = given;
  return {
    ...(given.schema_id ? { schemaId: given.schema_id } : {}),
    ...(given.state ? { state: given.state } : {}),
    ...(given.traits && Object.keys(given.traits).length > 0 ? { traits: given.traits } : {}),
    ...(shown === undefined || shown === null ? {} : { metadataPublic: shown }),
    ...(hidden === undefined || hidden === null ? {} : { metadataAdmin: hidden }),
    // The only member that counts when it is empty: then it is taken away.
    ...(given.external_id === undefined ? {} : { externalId: given.external_id || null }),
    ...(addresses && addresses.length > 0
      ? {
          verifiableAddresses: addresses.map(({ value, via, verified = false }) => ({
            value,
            via,
            verified,
          })),
        }
      : {}),
  };
}

/** `#/traits/name/first` -> `traits.name.first`; empty for the form as a whole. */
function nodeOf(pointer: string): string {
  return pointer
    .replace(/^#?\/?/, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

function readAs<Schema extends TSchema>(
  text: string,
  schema: ReturnType<typeof compileOwnSchema>,
): Static<Schema> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || schema.validate(value).length > 0) return undefined;
  // It fits the schema.
  return value as Static<Schema>;
}
