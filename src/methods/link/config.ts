// The settings of the link method.
import type { Static } from 'typebox';
import { duration, text } from '../../config/fields.ts';
import { Type } from '../../schema/typebox.ts';

export const linkConfig = Type.Object({
  config: Type.Object(
    {
      lifespan: duration('1h', 'How long a link can be used.'),
      base_url: text('No effect: links lead to serve.public.base_url.'),
    },
    { additionalProperties: false, default: {} },
  ),
});

export type LinkConfig = Static<typeof linkConfig>;
