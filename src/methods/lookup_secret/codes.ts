// Backup codes as they are stored: sealed one by one, since their owner may look at them again; each is good once.
import type { Sealer } from '../../lib/cipher.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import { equalSecrets, randomLowerAlphanumeric } from '../../lib/secret.ts';

const CODE_COUNT = 12;
const CODE_LENGTH = 8;
/** From here on people are told how many are left. */
export const FEW_CODES = 4;

export interface BackupCode {
  readonly code: string;
  /** RFC 3339; absent while it can be used. */
  readonly usedAt?: string;
}

/** Twelve codes of eight characters: 41 bits each. */
export function newCodes(): readonly BackupCode[] {
  return Array.from({ length: CODE_COUNT }, () => ({ code: randomLowerAlphanumeric(CODE_LENGTH) }));
}

export function writeCodes(codes: readonly BackupCode[], sealer: Sealer): JsonObject {
  return clearCodes(codes.map((held) => ({ ...held, code: sealer.seal(held.code) })));
}

/** The same shape with the codes in clear, as administrators read and give them. */
export function clearCodes(codes: readonly BackupCode[]): JsonObject {
  return {
    recovery_codes: codes.map(({ code, usedAt }) => ({
      code,
      used_at: usedAt ?? null,
    })),
  };
}

/** The codes of a stored credential. One that no secret opens any more is left out. */
export function readCodes(config: JsonObject | undefined, sealer: Sealer): readonly BackupCode[] {
  return entries(config).flatMap((entry) => {
    const sealed = entry['code'];
    const code = typeof sealed === 'string' ? sealer.open(sealed) : undefined;
    return code === undefined ? [] : [{ code, ...usedAt(entry) }];
  });
}

/** The codes of a credential that an administrator gives; undefined where it holds something else. */
export function readImportedCodes(config: JsonObject): readonly BackupCode[] | undefined {
  const given = config['codes'] ?? config['recovery_codes'];
  if (!Array.isArray(given)) return undefined;
  const codes = given.flatMap((entry) =>
    isJsonObject(entry) && typeof entry['code'] === 'string' && entry['code'] !== ''
      ? [{ code: entry['code'], ...usedAt(entry) }]
      : [],
  );
  return codes.length === given.length && codes.length > 0 ? codes : undefined;
}

/** Without opening them: how many there are, and how many can still be used. */
export function countCodes(config: JsonObject | undefined): {
  readonly all: number;
  readonly left: number;
} {
  const all = entries(config);
  return { all: all.length, left: all.filter((entry) => usedAt(entry).usedAt === undefined).length };
}

export type CodeUse =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'used' }
  | { readonly kind: 'good'; readonly codes: readonly BackupCode[] };

/** Uses a code up: the codes come back as they are to be stored. All are compared, so that time tells nothing. */
export function spendCode(codes: readonly BackupCode[], typed: string, now: string): CodeUse {
  const fits = codes.map(({ code }) => equalSecrets(code, typed));
  const at = codes.findIndex((code, index) => fits[index] && code.usedAt === undefined);
  if (at < 0) return { kind: fits.includes(true) ? 'used' : 'unknown' };
  return {
    kind: 'good',
    codes: codes.map((code, index) => (index === at ? { ...code, usedAt: now } : code)),
  };
}

function entries(config: JsonObject | undefined): readonly JsonObject[] {
  const listed = config?.['recovery_codes'];
  return Array.isArray(listed) ? listed.filter(isJsonObject) : [];
}

/** The year one is how other systems write "never". */
function usedAt(entry: JsonObject): { readonly usedAt?: string } {
  const value: Json | undefined = entry['used_at'];
  return typeof value === 'string' && value !== '' && !value.startsWith('0001-') ? { usedAt: value } : {};
}
