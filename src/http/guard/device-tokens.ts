// What a browser or app holds to show whose device it is, sealed: behind the anti-CSRF token of a browser, in a header of native apps.
import { type KnownDevice, MOST_PEOPLE_OF_DEVICE } from '../../flow/known-device.ts';
import type { Sealer } from '../../lib/cipher.ts';
import { type IdentityId, newUuid, parseUuid } from '../../lib/ids.ts';

/** Of requests and answers of native apps. */
export const DEVICE_HEADER = 'X-Device-Token';

export interface DeviceTokens {
  /** How long a device is known; 0 or less: none is. */
  readonly lifespanMs: number;
  /** Those that are known still. What was not made here holds none. */
  readonly read: (token: string | undefined) => readonly KnownDevice[];
  /** The token of a device that is this person's too from now on; empty where it is nobody's. */
  readonly write: (held: readonly KnownDevice[], identityId: IdentityId | undefined) => string;
}

export function createDeviceTokens(
  sealer: Sealer,
  { lifespanMs, nowMs }: { readonly lifespanMs: number; readonly nowMs: () => number },
): DeviceTokens {
  return {
    lifespanMs,
    read: (token) => {
      const opened = token === undefined || lifespanMs <= 0 ? undefined : sealer.open(token);
      if (opened === undefined) return [];
      const rows: unknown = JSON.parse(opened);
      return Array.isArray(rows)
        ? rows.flatMap(toDevice).filter(({ expiresAtMs }) => expiresAtMs > nowMs())
        : [];
    },
    write: (held, identityId) => {
      if (lifespanMs <= 0) return '';
      const others = held.filter((device) => device.identityId !== identityId);
      // A device keeps its id: to sign in many times makes it no more devices.
      const id = held.find((device) => device.identityId === identityId)?.id ?? newUuid();
      const own = identityId ? [{ identityId, id, expiresAtMs: nowMs() + lifespanMs }] : [];
      const rows = [...own, ...others]
        .slice(0, MOST_PEOPLE_OF_DEVICE)
        .map((device) => [device.identityId, device.id, device.expiresAtMs]);
      return rows.length === 0 ? '' : sealer.seal(JSON.stringify(rows));
    },
  };
}

function toDevice(row: unknown): readonly KnownDevice[] {
  if (!Array.isArray(row)) return [];
  const [identityId, id, expiresAtMs] = row;
  const owner = typeof identityId === 'string' ? parseUuid<IdentityId>(identityId) : undefined;
  return owner && typeof id === 'string' && typeof expiresAtMs === 'number'
    ? [{ identityId: owner, id, expiresAtMs }]
    : [];
}

/** Neither the token nor what is sealed has a dot. */
const DOT = '.';

/** The value of a browser's cookie: its anti-CSRF token, and whose device it is. */
export const withDevices = (csrfToken: string, devices: string): string =>
  devices === '' ? csrfToken : `${csrfToken}${DOT}${devices}`;

export function splitDevices(value: string): { readonly csrfToken: string; readonly devices: string } {
  const at = value.indexOf(DOT);
  return at < 0
    ? { csrfToken: value, devices: '' }
    : { csrfToken: value.slice(0, at), devices: value.slice(at + DOT.length) };
}
