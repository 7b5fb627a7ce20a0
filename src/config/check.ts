// What a configuration that fits the schema may still get wrong: unbuilt features, dangerous values, unknown names.

import { nearest } from '../lib/edit-distance.ts';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { compileOwnSchema } from '../schema/schema.ts';
import { findUselessAddresses, findWrongAddresses } from './addresses.ts';
import { hasMailbox } from './dev-mailbox.ts';
import { dsnFault } from './dsn.ts';
import type { Finding } from './fault.ts';
import { isOn } from './fields.ts';
import { findRaised } from './hashing.ts';
import type { Config } from './schema.ts';
import { type FactorMethod, findRemovableFactors } from './second-factors.ts';
import { parseSmtpAddress } from './smtp-address.ts';
import { absentMethod, UNBUILT, UNBUILT_HOOKS } from './unbuilt.ts';

export type { Finding } from './fault.ts';

export interface BuiltHook {
  readonly name: string;
  readonly flows: readonly string[];
  readonly config?: object;
}

/** Features that the document switches on although they are not built. Defaults do not count: only what was written does. */
export function findUnbuilt(document: JsonObject, absentMethods: readonly string[]): readonly Finding[] {
  const found = [...absentMethods.map(absentMethod), ...UNBUILT].filter(({ path, isOn: isSwitchedOn }) =>
    isSwitchedOn(at(document, path)),
  );
  return found.map(({ path, what }) => ({ path, reason: `${what} is not part of this version of Bia` }));
}

function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
}

export function findWrongHooks(
  config: Config,
  built: {
    readonly hooks: readonly BuiltHook[];
    readonly methods: readonly string[];
    readonly absentMethods: readonly string[];
  },
): readonly Finding[] {
  const findings: Finding[] = [];
  const names = built.hooks.map(({ name }) => name);
  const check = (path: readonly string[], flow: string, hooks: unknown): void => {
    if (!Array.isArray(hooks)) return;
    for (const [index, entry] of hooks.entries()) {
      const name = isJsonObject(entry) && typeof entry['hook'] === 'string' ? entry['hook'] : '';
      const here = [...path, String(index), 'hook'];
      const known = built.hooks.find((hook) => hook.name === name);
      if (known?.flows.includes(flow)) {
        findings.push(...wrongSettings(known, entry, [...path, String(index), 'config']));
      } else if (known) findings.push({ path: here, reason: `the hook "${name}" cannot be used here` });
      else if (UNBUILT_HOOKS.includes(name)) {
        findings.push({ path: here, reason: `the hook "${name}" is not part of this version of Bia` });
      } else findings.push({ path: here, reason: `there is no hook "${name}"${meant(name, names)}` });
    }
  };
  for (const flow of ['login', 'registration', 'settings', 'recovery', 'verification'] as const) {
    const base = ['selfservice', 'flows', flow];
    const { before, after } = config.selfservice.flows[flow];
    check([...base, 'before', 'hooks'], flow, before.hooks);
    for (const [key, block] of Object.entries(after)) {
      if (key === 'default_browser_return_url') continue;
      if (key === 'hooks') check([...base, 'after', 'hooks'], flow, block);
      else if (![...built.methods, ...built.absentMethods].includes(key)) {
        const reason = `there is no method "${key}"${meant(key, [...built.methods, ...built.absentMethods])}`;
        findings.push({ path: [...base, 'after', key], reason });
      } else if (isJsonObject(block)) check([...base, 'after', key, 'hooks'], flow, block['hooks']);
    }
  }
  return findings;
}

function wrongSettings(hook: BuiltHook, entry: Json, path: readonly string[]): readonly Finding[] {
  if (!hook.config) return [];
  const given = (isJsonObject(entry) ? entry['config'] : undefined) ?? {};
  if (!isJsonObject(given)) return [{ path, reason: 'the settings of a hook must be an object' }];
  const problems = compileOwnSchema(hook.config).validate(given);
  return problems.map(({ at: place, message }) => ({
    path: place ? [...path, ...place.split('.')] : path,
    reason: message.text,
  }));
}

const meant = (name: string, names: readonly string[]): string => {
  const near = nearest(name, names);
  return near === undefined ? '' : `; did you mean "${near}"?`;
};

const SECRET_LENGTH = 16;
const CIPHER_SECRET_LENGTH = 32;

/** Values that would make the server unsafe or could not be honoured. */
export function findDangerous(config: Config): readonly Finding[] {
  const findings: Finding[] = [];
  const { cookies, session, secrets, serve, identity } = config;
  const cookiesSecure = isOn(cookies.secure) ?? !config.dev;
  const sessionSecure = isOn(session.cookie.secure) ?? cookiesSecure;
  const noneWithoutSecure = 'SameSite=None needs secure cookies: browsers drop others';
  if (cookies.same_site === 'None' && !cookiesSecure) {
    findings.push({ path: ['cookies', 'same_site'], reason: noneWithoutSecure });
  }
  if ((session.cookie.same_site ?? cookies.same_site) === 'None' && !sessionSecure) {
    findings.push({ path: ['session', 'cookie', 'same_site'], reason: noneWithoutSecure });
  }
  for (const kind of ['default', 'cookie', 'pagination'] as const) {
    for (const [index, secret] of (secrets[kind] ?? []).entries()) {
      if (secret.length >= SECRET_LENGTH) continue;
      const reason = `a secret needs at least ${SECRET_LENGTH} characters; make one with: openssl rand -hex 32`;
      findings.push({ path: ['secrets', kind, String(index)], reason });
    }
  }
  for (const [index, secret] of (secrets.cipher ?? []).entries()) {
    if (secret.length === CIPHER_SECRET_LENGTH) continue;
    const reason = `a cipher secret has exactly ${CIPHER_SECRET_LENGTH} characters; make one with: openssl rand -hex 16`;
    findings.push({ path: ['secrets', 'cipher', String(index)], reason });
  }
  if (config.ciphers.algorithm !== 'noop' && !secrets.cipher?.length) {
    findings.push({ path: ['ciphers', 'algorithm'], reason: 'it needs secrets.cipher' });
  }
  const dsn = dsnFault(config.dsn);
  if (dsn !== undefined) findings.push({ path: ['dsn'], reason: dsn });
  const ids = identity.schemas.map(({ id }) => id);
  if (!ids.includes(identity.default_schema_id)) {
    const reason = `there is no schema "${identity.default_schema_id}"${meant(identity.default_schema_id, ids)}`;
    findings.push({ path: ['identity', 'default_schema_id'], reason });
  }
  findings.push(...findWrongAddresses(config), ...findWrongCourier(config));
  for (const list of ['trusted_proxies', 'exempt_networks'] as const) {
    for (const [index, network] of (serve.public.rate_limits[list] ?? []).entries()) {
      if (isNetwork(network)) continue;
      const reason = `"${network}" is not a CIDR range such as 10.0.0.0/8 or fc00::/7`;
      findings.push({ path: ['serve', 'public', 'rate_limits', list, String(index)], reason });
    }
  }
  return findings;
}

function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/');
  const isV6 = address.includes(':');
  const isAddress =
    URL.canParse(isV6 ? `http://[${address}]/` : `http://${address}/`) && (isV6 || /^[\d.]+$/.test(address));
  return (
    isAddress && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isV6 ? 128 : 32)))
  );
}

/** Entries that are left out, and settings that somebody may not have meant. */
export function findQuestionable(config: Config, methods: readonly FactorMethod[]): readonly Finding[] {
  const findings: Finding[] = [
    ...findUselessAddresses(config),
    ...findRaised(config),
    ...findUnsendable(config),
    ...findUnconcealed(config),
    ...findRemovableFactors(config, methods),
  ];
  const { cors } = config.serve.public;
  if (cors.enabled && (cors.allowed_origins.length === 0 || cors.allowed_origins.includes('*'))) {
    const reason =
      'every page may call, so none may send cookies along; name the origins of your applications';
    findings.push({ path: ['serve', 'public', 'cors', 'allowed_origins'], reason });
  }
  if (config.dev)
    findings.push({ path: ['dev'], reason: 'development mode: cookies are not secure by default' });
  return findings;
}

function findWrongCourier({ courier }: Config): readonly Finding[] {
  const { connection_uri: uri, client_cert_path: cert, client_key_path: key } = courier.smtp;
  const findings: Finding[] = [];
  if (uri !== undefined && !parseSmtpAddress(uri)) {
    // The address itself is not shown: it holds a password.
    const reason =
      'it is not an address: smtp://USER:PASSWORD@HOST:PORT/, with user and password percent-encoded';
    findings.push({ path: ['courier', 'smtp', 'connection_uri'], reason });
  }
  if ((cert === '') !== (key === '')) {
    const missing = cert === '' ? 'client_cert_path' : 'client_key_path';
    findings.push({ path: ['courier', 'smtp', missing], reason: 'a certificate and its key go together' });
  }
  return findings;
}

/** Messages that flows would queue and nobody could send. */
function findUnsendable(config: Config): readonly Finding[] {
  const { courier, selfservice } = config;
  const { recovery, verification } = selfservice.flows;
  if (hasMailbox(config)) return [];
  if (!recovery.enabled && !verification.enabled) return [];
  const isHttp = courier.delivery_strategy === 'http';
  const has = isHttp ? courier.http.request_config : courier.smtp.connection_uri;
  if (has !== undefined) return [];
  const path = isHttp ? ['courier', 'http', 'request_config'] : ['courier', 'smtp', 'connection_uri'];
  return [{ path, reason: 'it is not set: recovery and verification have no way to send e-mail' }];
}

/** A registration can only hide who has an account where the answer is the message that goes to the address. */
function findUnconcealed({ security, selfservice }: Config): readonly Finding[] {
  const { registration, verification } = selfservice.flows;
  if (!security.account_enumeration.mitigate || !registration.enabled || verification.enabled) return [];
  const reason =
    'registration tells which addresses have an account, since selfservice.flows.verification is not enabled';
  return [{ path: ['security', 'account_enumeration', 'mitigate'], reason }];
}
