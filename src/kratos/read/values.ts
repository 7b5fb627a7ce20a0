// Values as the databases write them -> values as we use them.
import type { Json } from '../../lib/json.ts';
import type { Row } from '../database/database.ts';

/** The text of a column that is always filled. */
export function textAt(row: Row, column: string): string {
  const value = row[column];
  if (value === null || value === undefined) throw new Error(`column ${column} is empty`);
  return value;
}

const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** Milliseconds of a time; what is written without a zone is UTC. Throws where it is none. */
export function timeAt(row: Row, column: string): number {
  return toMs(textAt(row, column));
}

export function toMs(text: string): number {
  const [, day, time, fraction = '', zone = 'Z'] = TIME.exec(text.trim()) ?? [];
  const offset = zone.length === 3 ? `${zone}:00` : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  // Of anything else the parser would try to make something.
  const iso = day && `${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`;
  const ms = iso ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error(`"${text.slice(0, 40)}" is no time`);
  return ms;
}

/** Undefined where it is empty. */
export function optionalTimeAt(row: Row, column: string): number | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : toMs(value);
}

/** SQLite knows 1 and 0 and, where a default applied, the text `false`; PostgreSQL t and f. */
export function booleanAt(row: Row, column: string): boolean {
  return ['1', 't', 'true'].includes((row[column] ?? '').toLowerCase());
}

/** The JSON of a column; null where it is empty. Throws where it is no JSON. */
export function jsonAt(row: Row, column: string): Json {
  const value = row[column];
  // Whatever it is, it is looked at before it is used.
  return value === null || value === undefined || value === '' ? null : (JSON.parse(value) as Json);
}

/** How times are written in conditions; all databases compare this form. */
export function toTimeText(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '').slice(0, 19);
}
