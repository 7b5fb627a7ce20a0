// Bia as a process: listeners in front of the ports, or a courier without any.

import { tlsPem } from '../http/port/addresses.ts';
import { ADMIN_TIMEOUTS, listen, PUBLIC_TIMEOUTS } from '../http/port/server.ts';
import { type Bia, type BiaOptions, createBia } from './create-app.ts';

export interface Served {
  readonly bia: Bia;
  readonly publicUrl: string;
  readonly adminUrl: string;
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
  const opened: Awaited<ReturnType<typeof open>>[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(opened.map((listener) => listener.stop()));
    await bia.close();
  };
  try {
    opened.push(await open('public'));
    opened.push(await open('admin'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { bia, publicUrl: bia.publicUrl, adminUrl: bia.adminUrl, stop };
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
  if (port === 0) return { bia, stop: () => bia.close() };
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
      stop: async () => {
        await listener.stop();
        await bia.close();
      },
    };
  } catch (error) {
    await bia.close();
    throw error;
  }
}
