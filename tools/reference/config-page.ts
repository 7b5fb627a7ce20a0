// docs/reference/config.md: every key with its type, default and meaning, from the schema that checks them.
import { UNBUILT, UNBUILT_HOOKS } from '../../src/config/unbuilt.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/lib/json.ts';
import { ABSENT_METHODS } from '../../src/methods/absent.ts';
import { code, GENERATED, page, table } from './markdown.ts';

export interface ConfigKey {
  /** Dotted path; `[]` stands for the entries of a list, `<name>` for a key that operators choose. */
  readonly key: string;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
}

/** The keys of a schema in its order: leaves, and objects whose content is not described further. */
export function configKeys(schema: JsonObject, prefix = ''): readonly ConfigKey[] {
  const inner = childrenOf(schema, prefix);
  if (inner.length > 0) return inner.flatMap(([path, child]) => configKeys(child, path));
  return [
    {
      key: prefix,
      type: typeOf(schema),
      default: 'default' in schema ? JSON.stringify(schema['default']) : '',
      meaning: typeof schema['description'] === 'string' ? schema['description'] : '',
    },
  ];
}

function childrenOf(schema: JsonObject, prefix: string): readonly (readonly [string, JsonObject])[] {
  const { properties, additionalProperties, items } = schema;
  const join = (key: string): string => (prefix === '' ? key : `${prefix}.${key}`);
  const children: (readonly [string, JsonObject])[] = [];
  for (const [key, value] of Object.entries(isJsonObject(properties) ? properties : {})) {
    if (isJsonObject(value)) children.push([join(key), value]);
  }
  if (isJsonObject(additionalProperties) && Object.keys(additionalProperties).length > 0) {
    children.push([join('<name>'), additionalProperties]);
  }
  if (isJsonObject(items) && (isJsonObject(items['properties']) || isJsonObject(items['items']))) {
    children.push([`${prefix}[]`, items]);
  }
  return children;
}

function typeOf(schema: JsonObject): string {
  const { enum: values, anyOf, type, items } = schema;
  if (Array.isArray(values)) return values.map((value) => code(String(value))).join(', ');
  if (Array.isArray(anyOf)) {
    return [...new Set(anyOf.filter(isJsonObject).map((one) => scalarName(one['type'])))].join(' or ');
  }
  if (schema['x-decode'] === 'duration') return 'duration';
  if (schema['x-decode'] === 'size') return 'size';
  if (type === 'array') return `list of ${isJsonObject(items) ? scalarName(items['type']) : 'anything'}s`;
  return scalarName(type) + limits(schema);
}

const scalarName = (type: Json | undefined): string => (typeof type === 'string' ? type : 'anything');

function limits({ minimum, maximum }: JsonObject): string {
  if (minimum === undefined && maximum === undefined) return '';
  if (maximum === undefined) return `, ${minimum} or more`;
  return `, ${minimum ?? 'up'} to ${maximum}`;
}

export function configPage(schema: JsonObject): string {
  const keys = configKeys(schema);
  const sections = [...new Set(keys.map(({ key }) => sectionOf(key)))];
  return page(
    '# Configuration',
    GENERATED,
    INTRODUCTION,
    ...sections.flatMap((section) => [
      `## ${section}`,
      table(
        ['key', 'type', 'default', 'meaning'],
        keys
          .filter(({ key }) => sectionOf(key) === section)
          .map((row) => [code(row.key), row.type, row.default === '' ? '' : code(row.default), row.meaning]),
      ),
    ]),
    '## Known, but not part of this version',
    'A file that only describes these keys is accepted, so that a configuration written for Kratos need not be cut. Where one of them is switched on, the server refuses to start: a setting that is silently ignored would be worse.',
    table(
      ['key', 'what it would switch on'],
      UNBUILT.map(({ path, what }) => [code(path.join('.')), what]),
    ),
    `The same holds for these hooks: ${UNBUILT_HOOKS.map(code).join(', ')}.`,
  );
}

/** Single keys of the top stand together; what belongs to a flow or a built method stands with it. */
function sectionOf(key: string): string {
  const [top = '', second = '', third = ''] = key.split('.');
  if (second === '') return 'top level';
  if (second === 'methods' && ABSENT_METHODS.includes(third)) return 'selfservice.methods, others';
  if (top === 'selfservice' && third !== '') return `selfservice.${second}.${third}`;
  return top === 'serve' ? `${top}.${second}` : top.replace('[]', '');
}

const INTRODUCTION = `Configuration is YAML or JSON. Several files are merged in the order in which they are named (\`-c base.yml -c production.yml\`): objects key by key, lists as a whole. Above the files stand command-line flags, above those environment variables.

A variable is the key in capitals with \`_\` in place of every dot: \`SELFSERVICE_FLOWS_LOGIN_LIFESPAN=30m\` sets \`selfservice.flows.login.lifespan\`. Entries of lists are counted from 0: \`SECRETS_COOKIE_0=...\`. Lists may also be written as JSON or separated by commas.

Durations are written \`15m\`, \`1h30m\`, \`500ms\`; sizes \`128KB\`, \`1GB\`. Unknown keys are faults, and a fault names file, line and column. \`bia config lint FILE\` checks without starting; \`bia config show\` prints what is in effect.

While the server runs it watches its files. A change is taken over as a whole, or not at all when it has a fault; then the last good configuration stays.

In the tables \`[]\` stands for the entries of a list and \`<name>\` for a name of your own.`;
