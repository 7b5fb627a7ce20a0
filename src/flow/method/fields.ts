// Fields that the bodies of several methods have in common.
import type { JsonObject } from '../../lib/json.ts';
import { Type } from '../../schema/typebox.ts';

/** Text that may be absent; an empty field of a form counts as absent. */
export const optionalText = (options: { readonly maxLength?: number; readonly format?: string } = {}) =>
  Type.Optional(Type.String(options));

/** Traits as they were submitted; the schema of the identity checks them. */
export const traitsField = Type.Unsafe<JsonObject>({ type: 'object', additionalProperties: true });
