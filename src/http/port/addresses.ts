// Where a port is reached, and with which certificate.
import { readFileSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';

type PortName = 'public' | 'admin';

/** The base address as configured, to the letter; or what follows from host and port. */
export function baseUrl(config: Config, port: PortName): string {
  const { base_url, host, port: number, tls } = config.serve[port];
  if (base_url !== undefined) return base_url;
  const scheme = tls || !config.dev ? 'https' : 'http';
  return `${scheme}://${nameOf(host)}:${number}/`;
}

/** The host of an address under which one reaches what listens there: this machine for all of its addresses and sockets. */
function nameOf(host: string): string {
  if (['', '0.0.0.0', '::'].includes(host) || host.startsWith('unix:')) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Where a port really listens, whatever address clients are told. */
export function listeningUrl(config: Config, port: PortName, number: number): string {
  const { host, tls } = config.serve[port];
  if (host.startsWith('unix:')) return host;
  return `${tls?.key && tls.cert ? 'https' : 'http'}://${nameOf(host)}:${number}/`;
}

/** Key and certificate in PEM, where the port is to speak TLS. Throws where a file cannot be read. */
export function tlsPem(
  config: Config,
  port: PortName,
): { readonly key: string; readonly cert: string } | undefined {
  const { tls } = config.serve[port];
  const key = pemOf(tls?.key);
  const cert = pemOf(tls?.cert);
  return key && cert ? { key, cert } : undefined;
}

function pemOf(of: { readonly path?: string; readonly base64?: string } | undefined): string | undefined {
  if (of?.path) return readFileSync(of.path, 'utf8');
  return of?.base64 && Buffer.from(of.base64, 'base64').toString('utf8');
}
