// Bia as a process: listeners in front of the ports, or a courier without any.

import { listeningUrl, tlsPem } from '../http/port/addresses.ts';
import { ADMIN_TIMEOUTS, type Listener, listen, PUBLIC_TIMEOUTS } from '../http/port/server.ts';
import { type Bia, type BiaOptions, createBia } from './create-app.ts';

export interface Served {
  readonly bia: Bia;
  readonly publicUrl: string;
  /** Where administrators reach the admin port: as configured, or where it listens. */
  readonly adminUrl: string;
  /** Where the public port listens; something in front of it may have another address. */
  readonly listensOn: string;
  /** Takes no more requests, waits for those in flight, and closes everything. */
  stop(): Promise<void>;
}

/** Listens on both ports. Throws ConfigError, or the system's error where an address cannot be taken. */
export async function serve(options: BiaOptions): Promise<Served> {
  const bia = await createBia(options);
  const open = (port: 'public' | 'admin') => {
    const { host, port: number, socket } = bia.config.serve[port];
    const tls = tlsPem(bia.config, port);
    return listen({
      answer: port === 'public' ? bia.publicPort : bia.adminPort,
      host,
      port: number,
      socketMode: socket?.mode ?? 0o755,
      ...(tls ? { tls } : {}),
      timeouts: port === 'public' ? PUBLIC_TIMEOUTS : ADMIN_TIMEOUTS,
    });
  };
  const opened: Listener[] = [];
  const stop = () => stopWithin(bia, opened);
  try {
    opened.push(await open('public'));
    opened.push(await open('admin'));
  } catch (error) {
    await stop();
    throw error;
  }
  const [publicPort = 0, adminPort = 0] = opened.map(({ port }) => port);
  return {
    bia,
    publicUrl: bia.publicUrl,
    adminUrl: bia.config.serve.admin.base_url ?? listeningUrl(bia.config, 'admin', adminPort),
    listensOn: listeningUrl(bia.config, 'public', publicPort),
    stop,
  };
}

export interface WatchedCourier {
  readonly bia: Bia;
  readonly metricsUrl?: string;
  stop(): Promise<void>;
}

/** Sends messages without answering requests, except for measurements where a port is set for them. Throws as `serve`. */
export async function watchCourier(options: BiaOptions): Promise<WatchedCourier> {
  const bia = await createBia({ ...options, flags: { ...options.flags, 'watch-courier': true } });
  const port = bia.config['expose-metrics-port'];
  if (port === 0) return { bia, stop: () => stopWithin(bia, []) };
  const adminHost = bia.config.serve.admin.host;
  // A socket of the admin port belongs to the server beside which this process runs.
  const host = adminHost.startsWith('unix:') ? '127.0.0.1' : adminHost;
  try {
    const listener = await listen({
      answer: bia.metricsPort,
      host,
      port,
      socketMode: 0o755,
      timeouts: ADMIN_TIMEOUTS,
    });
    return {
      bia,
      metricsUrl: `http://${host}:${listener.port}/metrics/prometheus`,
      stop: () => stopWithin(bia, [listener]),
    };
  } catch (error) {
    await bia.close();
    throw error;
  }
}

/** Part of the time that requests in flight may take; what is left is for what works behind them. */
const REQUESTS_SHARE = 0.8;

/**
 * Requests in flight first, then what works behind them. It comes back in time whatever hangs: the process that called it
 * ends then, and what was acknowledged is in the database.
 */
async function stopWithin({ config, close }: Bia, listeners: readonly Listener[]): Promise<void> {
  const withinMs = config.serve.shutdown_timeout;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  const orderly = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.stop(withinMs * REQUESTS_SHARE)));
    await close();
  };
  await Promise.race([orderly(), late]);
  clearTimeout(timer);
}
