// An identity schema that makes every check as expensive as an operator could make it without noticing.
import type { JsonObject } from '../../src/lib/json.ts';

const text = { type: 'string' } as const;

export const HEAVY_SCHEMA: JsonObject = {
  type: 'object',
  definitions: {
    // Each level asks three times about the next one.
    tree: {
      anyOf: [
        { type: 'array', items: { $ref: '#/definitions/tree' } },
        { type: 'array', items: { anyOf: [{ $ref: '#/definitions/tree' }, { const: 1 }] } },
        { type: 'integer' },
      ],
    },
  },
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          ...text,
          'ory.sh/kratos': {
            credentials: { password: { identifier: true } },
            verification: { via: 'email' },
            recovery: { via: 'email' },
          },
        },
        backtracking: { ...text, pattern: '^(a+)+$' },
        counted: { ...text, pattern: '(a|b)*a(a|b){500}$' },
        nested: { ...text, pattern: '\\b(([ab]?){0,31}){0,31}\\b$' },
        expression: { ...text, format: 'regex' },
        when: { ...text, format: 'date-time' },
        web: { ...text, format: 'uri-template' },
        loose: { ...text, format: 'email_loose' },
        number: { type: 'number', multipleOf: 1e-300 },
        unique: { type: 'array', uniqueItems: true },
        chosen: {
          type: 'array',
          items: { enum: Array.from({ length: 500 }, (_, index) => ({ list: [index, { index }] })) },
        },
        phones: {
          type: 'array',
          items: { ...text, 'ory.sh/kratos': { credentials: { password: { identifier: true } } } },
        },
        plain: { type: 'array', items: text },
        tree: { $ref: '#/definitions/tree' },
        open: {
          type: 'object',
          patternProperties: { '^(x+x+)+y$': text, '(a|b)*c': text },
          propertyNames: { pattern: '^.{1,1000}$' },
        },
        many: {
          type: 'array',
          allOf: Array.from({ length: 300 }, (_, index) => ({ items: { not: { const: index } } })),
        },
      },
    },
  },
};
