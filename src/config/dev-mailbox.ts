// Where messages appear while an application is developed: in a mailbox of our own, as long as nothing else would take them.
import { isLoopback } from '../lib/loopback.ts';
import type { Config } from './schema.ts';

/** Below the public address. */
export const MAILBOX_PATH = 'dev/inbox';

type Relevant = Pick<Config, 'dev' | 'courier' | 'serve'>;

/** In development mode, while no courier is configured; it shows codes and links, so it must not exist for real people. */
export function hasMailbox({ dev, courier }: Pick<Relevant, 'dev' | 'courier'>): boolean {
  return dev && courier.smtp.connection_uri === undefined && courier.http.request_config === undefined;
}

/** The address of the mailbox, by a name that only this machine answers to; undefined where there is none. */
export function mailboxUrl(config: Relevant, publicUrl: string): string | undefined {
  if (!hasMailbox(config)) return undefined;
  const { port, tls } = config.serve.public;
  const own = isLoopback(new URL(publicUrl).hostname)
    ? publicUrl
    : `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`;
  return new URL(MAILBOX_PATH, own.endsWith('/') ? own : `${own}/`).href;
}
