// Bodies that cost their sender nothing and a careless server seconds: much of something, deep, or long.
import fc from 'fast-check';

export interface HeavyBody {
  readonly what: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const MULTIPART_TYPE = 'multipart/form-data; boundary=B';

const body = (what: string, type: string, text: string): HeavyBody => ({
  what,
  type,
  bytes: Uint8Array.from(Buffer.from(text, 'utf8')),
});

/** As much of the piece as there is room for; pieces differ by their number where they hold `#`. */
function fill(piece: string, room: number): string {
  const times = Math.max(1, Math.floor(room / (piece.length + (piece.includes('#') ? 4 : 0))));
  if (!piece.includes('#')) return piece.repeat(times);
  return Array.from({ length: times }, (_, index) => piece.replaceAll('#', String(index))).join('');
}

const METHOD = '"method":"password","password":"seventeen green bottles"';
const trait = (name: string, json: string): string =>
  `{${METHOD},"traits":{"email":"heavy@example.org","${name}":${json}}}`;
const member = (json: string): string => `{${METHOD},${json}"z":1}`;
const nested = (depth: number, open: string, close: string): string =>
  open.repeat(depth) + close.repeat(depth);

type Maker = (room: number) => string;

/** Submissions as JSON. */
const JSON_SHAPES: Readonly<Record<string, Maker>> = {
  'dotted names below an open object': (room) => member(fill('"transient_payload.k#":1,', room)),
  'one name of many parts': (room) => member(`"transient_payload${fill('.a', room)}":1,`),
  'names of sixty parts': (room) => member(fill(`"transient_payload${'.a'.repeat(60)}#":1,`, room)),
  'dotted names of items': (room) => member(fill('"traits.plain.#":"a",', room)),
  'names that nobody knows': (room) => member(fill('"k#":{},', room)),
  'long names around many values': (room) =>
    `{"transient_payload":${`{"${'n'.repeat(1000)}":`.repeat(60)}[${fill('1,', room / 4)}1]${'}'.repeat(61)}`,
  'deep objects': (room) => trait('open', nested(Math.floor(room / 7), '{"a":', '}').replace('{"a":}', '{}')),
  'deep lists': (room) => trait('tree', nested(Math.floor(room / 2), '[', ']')),
  'sixty lists in each other': () => trait('tree', nested(60, '[', ']')),
  'lists of lists': (room) => trait('tree', `[${fill('[[1],[1]],', room)}1]`),
  'different texts in a list': (room) => trait('unique', `["x"${fill(',"t#"', room)}]`),
  'different objects in a list': (room) => trait('unique', `[1${fill(',{"a":{"b":#}}', room)}]`),
  'long texts in a list': (room) => trait('unique', `["x"${fill(`,"${'t'.repeat(1000)}#"`, room)}]`),
  'choices that are none': (room) => trait('chosen', `[1${fill(',{"list":[#]}', room)}]`),
  'identifiers in a list': (room) => trait('phones', `["x"${fill(',"+4179123#"', room)}]`),
  'plain texts in a list': (room) => trait('plain', `["x"${fill(',"a"', room)}]`),
  'numbers against three hundred rules': (room) => trait('many', `[1${fill(',1', room)}]`),
  'a text for a backtracking pattern': (room) => trait('backtracking', `"${fill('a', room)}!"`),
  'a text for a counted pattern': (room) => trait('counted', `"${fill('ab', room)}"`),
  'a text for a nested pattern': (room) => trait('nested', `"${fill('ab', room)}"`),
  'a short text for a nested pattern': () => trait('nested', `"${'ab'.repeat(400)}"`),
  'a pattern for the format of patterns': (room) =>
    trait('expression', `"${fill('(a{1000})', Math.min(room, 1900))}"`),
  'a pattern of nothing': () => trait('expression', '"((((){1000}){1000}){1000})"'),
  'times without end': (room) => trait('when', `"${fill('T', room)}"`),
  'templates without end': (room) => trait('web', `"${fill('{a,', room)}"`),
  'an address of marks': (room) => trait('loose', `"${fill('a\u0315\u0300', room / 3)}@example.org"`),
  'an identifier of marks': (room) =>
    `{${METHOD},"identifier":"a${fill('\u0315\u0300', room / 3)}","traits":{"email":"a${fill('\u0315\u0300', room / 3)}"}}`,
  'an identifier of ligatures': (room) => `{${METHOD},"identifier":"${fill('\ufdfa', room / 2)}"}`,
  'a long password': (room) =>
    `{"method":"password","identifier":"a","password":"${fill('pä', room / 2)}","traits":{"email":"x@example.org"}}`,
  'a long code': (room) => `{"method":"code","email":"a@example.org","code":"${fill('1', room)}"}`,
  'long numbers': (room) => trait('number', fill('1', room)),
  'many numbers': (room) => trait('plain', `[1${fill(',1234567890123456.5e-3', room)}]`),
  'a number far below one': () => trait('number', '1.7976931348623157e308'),
  'names for patterns': (room) => trait('open', `{"a":1${fill(`,"${'x'.repeat(60)}#":"v"`, room)}}`),
  escapes: (room) => trait('plain', `["${fill('\\u00e9', room)}"]`),
  'escaped quotes': (room) => trait('plain', `["${fill('\\"', room)}"]`),
  'white space': (room) => `{${METHOD},"a"${fill(' ', room)}:1}`,
  'empty texts': (room) => `[${fill('"",', room)}""]`,
  'a text without end': (room) => `{"a":"${fill('a', room)}`,
};

const FORM_SHAPES: Readonly<Record<string, Maker>> = {
  'empty pairs': (room) => `method=password${fill('&', room)}`,
  fields: (room) => `method=password${fill('&k#=v', room)}`,
  'one field again and again': (room) => `method=password${fill('&traits.plain=a', room)}`,
  'items by index': (room) => `method=password${fill('&traits.plain.#=a', room)}`,
  'members of an open object': (room) => `method=password${fill('&transient_payload.k#.a.b=v', room)}`,
  'digits that are no number': (room) => `method=password&traits.number=${fill('1', room)}x`,
  digits: (room) => `method=password&traits.number=${fill('1', room)}`,
  escapes: (room) => `method=password&identifier=${fill('%C3%A9', room)}`,
  'a name of dots': (room) => `method=password&${fill('.', room)}=1`,
};

const part = (name: string, value: string): string =>
  `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const MULTIPART_SHAPES: Readonly<Record<string, Maker>> = {
  parts: (room) => `${fill(part('k#', 'v'), room)}--B--\r\n`,
  headers: (room) =>
    `--B\r\nContent-Disposition: form-data; name="a"\r\n${fill('X: b\r\n', room)}\r\nv\r\n--B--\r\n`,
  parameters: (room) =>
    `--B\r\nContent-Disposition: form-data; ${fill('a="b"; ', room)}name="a"\r\n\r\nv\r\n--B--\r\n`,
  'what looks like a boundary': (room) => `${part('a', fill('\r\n--', room))}--B--\r\n`,
  'quotes in a name': (room) => `${part(fill('\\"', room), 'v')}--B--\r\n`,
};

const shapes = (
  kind: string,
  type: string,
  of: Readonly<Record<string, Maker>>,
): readonly ((room: number) => HeavyBody)[] =>
  Object.entries(of).map(
    ([what, make]) =>
      (room: number) =>
        body(`${kind}: ${what}`, type, make(room)),
  );

/** One of each shape, of about so many bytes. */
export const SUBMISSION_SHAPES: readonly ((room: number) => HeavyBody)[] = [
  ...shapes('JSON', JSON_TYPE, JSON_SHAPES),
  ...shapes('form', FORM_TYPE, FORM_SHAPES),
  ...shapes('multipart', MULTIPART_TYPE, MULTIPART_SHAPES),
];

const identity = (json: string): string => `{"schema_id":"heavy","traits":{"email":"h@example.org"},${json}}`;
const ADMIN_SHAPES: Readonly<Record<string, Maker>> = {
  'metadata of lists': (room) => identity(`"metadata_public":[${fill('[1],', room)}1]`),
  'metadata of objects': (room) => identity(`"metadata_admin":{"z":1${fill(',"k#":{}', room)}}`),
  'metadata of one text': (room) => identity(`"metadata_admin":"${fill('ä', room / 2)}"`),
  'metadata of escapes': (room) => identity(`"metadata_admin":"${fill('\\u00e9', room)}"`),
  'deep metadata': (room) => identity(`"metadata_public":${nested(Math.floor(room / 2), '[', ']')}`),
  'unknown keys': (room) => identity(`"z":1${fill(',"k#":1', room)}`),
  'credentials of many kinds': (room) => identity(`"credentials":{"z":{}${fill(',"k#":{}', room)}}`),
  addresses: (room) =>
    identity(`"verifiable_addresses":[${fill('{"value":"a#@example.org","via":"email"},', room)}1]`),
  'a batch of nothing': (room) => `{"identities":[${fill('{},', room)}{}]}`,
  'a batch of people': (room) =>
    `{"identities":[${fill('{"create":{"schema_id":"heavy","traits":{"email":"b#@example.org","plain":["a","b"]},"metadata_public":{"a":[1,2,3]}}},', Math.min(room, 90_000))}{}]}`,
  'a batch of unfit people': (room) =>
    `{"identities":[${fill(`{"create":{"schema_id":"heavy","traits":{"email":"b#@example.org","counted":"${'ab'.repeat(400)}"}}},`, Math.min(room, 600_000))}{}]}`,
  'a patch of many operations': (room) =>
    `[${fill('{"op":"add","path":"/metadata_public/a/-","value":1},', room)}{"op":"add","path":"/a","value":1}]`,
  'a patch with a long path': (room) =>
    `[{"op":"add","path":"/metadata_public${fill('/a', room)}","value":1}]`,
  'a patch that moves a list': (room) =>
    `[{"op":"add","path":"/metadata_public","value":[1${fill(',1', Math.min(room, 190_000))}]}${fill(',{"op":"add","path":"/metadata_public/0","value":1}', Math.min(room, 50_000))}]`,
  'escaped slashes in a path': (room) =>
    `[{"op":"add","path":"/metadata_public/${fill('~1', room)}","value":1}]`,
};

/** The same for the bodies of administrators. */
export const ADMIN_BODY_SHAPES: readonly ((room: number) => HeavyBody)[] = [
  ...shapes('JSON', JSON_TYPE, ADMIN_SHAPES),
  ...shapes(
    'JSON',
    JSON_TYPE,
    Object.fromEntries(
      Object.entries(JSON_SHAPES).map(([what, make]) => [
        what,
        (room) => make(room).replace('{', '{"schema_id":"heavy",'),
      ]),
    ),
  ),
];

/** Any shape, of any size up to so many bytes. */
export const heavyBody = (
  of: readonly ((room: number) => HeavyBody)[],
  most: number,
): fc.Arbitrary<HeavyBody> =>
  fc.tuple(fc.constantFrom(...of), fc.integer({ min: 1, max: most })).map(([make, room]) => make(room));
