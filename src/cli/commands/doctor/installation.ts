// What can be told without a running server: configuration, secrets and database.
import { type ConfigFault, faultToText } from '../../../config/fault.ts';
import type { Config } from '../../../config/schema.ts';
import type { CliDeps } from '../../line/command.ts';
import { databaseName } from '../database-name.ts';
import { troubleOf } from '../database-trouble.ts';
import { type Check, fault, ok, warning } from './check.ts';

export function configurationChecks(found: {
  readonly faults: readonly ConfigFault[];
  readonly warnings: readonly ConfigFault[];
}): readonly Check[] {
  const name = 'configuration';
  const checks = [
    ...found.faults.map((each) => fault(name, faultToText(each), 'see all of it with: bia config lint')),
    ...found.warnings.map((each) => warning(name, faultToText(each), 'is it meant so?')),
  ];
  return checks.length === 0 ? [ok(name, 'it has no fault')] : checks;
}

/** So many characters are hard to guess even where somebody has made them up. */
const SAFE_LENGTH = 32;

export function secretChecks({ secrets, dev }: Config): readonly Check[] {
  const general = secrets.default ?? [];
  const cookie = secrets.cookie ?? [];
  if (general.length === 0 && cookie.length === 0) {
    const advice = 'set secrets.default to a text of 32 random characters, the same on all nodes';
    const text = 'there are none: everybody is signed out when the server starts anew';
    return [dev ? warning('secrets', text, advice) : fault('secrets', text, advice)];
  }
  const checks: Check[] = [];
  const all = {
    default: general,
    cookie,
    cipher: secrets.cipher ?? [],
    pagination: secrets.pagination ?? [],
  };
  for (const [key, list] of Object.entries(all)) {
    const [newest] = list;
    if (newest !== undefined && newest.length < SAFE_LENGTH) {
      checks.push(
        warning(
          'secrets',
          `the first of secrets.${key} has ${newest.length} characters`,
          `put one of ${SAFE_LENGTH} random characters before it (docs/guides/rotate-secrets.md)`,
        ),
      );
    }
    if (list.length > 1) {
      checks.push(
        warning(
          'secrets',
          `secrets.${key} still has ${list.length - 1} older`,
          'remove them when the rotation is over (docs/guides/rotate-secrets.md)',
        ),
      );
    }
  }
  return checks.length === 0 ? [ok('secrets', 'they are set, and long enough')] : checks;
}

export async function databaseChecks(
  { dsn }: Config,
  of: { readonly openDatabase: CliDeps['openDatabase']; readonly source: string },
): Promise<readonly Check[]> {
  const name = databaseName(dsn);
  const database = await of.openDatabase(dsn);
  try {
    const trouble = await troubleOf(database, { name, source: of.source });
    return [
      trouble ? fault('database', trouble.text, trouble.hint) : ok('database', `${name} is up to date`),
    ];
  } finally {
    // One that cannot be reached need not be closed in order.
    await database.close().catch(() => undefined);
  }
}
