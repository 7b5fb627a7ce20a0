// Which secrets stand in for which, where the configuration leaves some out. The first of a list seals, all of them open.
import type { Config } from '../config/schema.ts';

export interface SecretsInForce {
  /** Of cookies, codes, links and what flows remember. */
  readonly cookie: readonly string[];
  /** Of credentials that are stored sealed. */
  readonly cipher: readonly string[];
  /** Of page tokens. */
  readonly pagination: readonly string[];
  /** Those that Kratos had: never the one that stands in for missing ones. */
  readonly kratosCookie: readonly string[];
}

/** `ownSecret` stands in where nothing is configured. */
export function secretsInForce({ secrets }: Config, ownSecret: string): SecretsInForce {
  const general = secrets.default?.length ? secrets.default : [ownSecret];
  return {
    cookie: secrets.cookie?.length ? secrets.cookie : general,
    // What was sealed before there were secrets for this alone still opens.
    cipher: [...(secrets.cipher ?? []), ...general],
    pagination: secrets.pagination?.length ? secrets.pagination : general,
    kratosCookie: [secrets.kratos_cookie, secrets.cookie, secrets.default].find((list) => list?.length) ?? [],
  };
}

/** What a method seals opens for no other. */
export const credentialPurpose = (method: string): string => `credential ${method}`;

/** The same for what hooks queue. */
export const hookPurpose = (hook: string): string => `hook ${hook}`;
