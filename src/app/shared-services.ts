// The services that every composition of one process shares.

import type { HashPool } from '../hash/pool.ts';
import type { RateLimiter } from '../http/guard/rate-limit.ts';
import type { Metrics } from '../http/observe/metrics.ts';
import type { Tracing } from '../http/observe/tracing.ts';
import type { Readiness } from '../http/routes/health.ts';
import type { Clock } from '../lib/clock.ts';
import type { Jsonnet } from '../lib/jsonnet/jsonnet.ts';
import type { Log } from '../lib/log.ts';
import type { MigratableDatabase } from '../store/open.ts';
import type { Parts } from './parts.ts';

/** What outlives a reload of the configuration. */
export interface Services {
  readonly parts: Parts;
  readonly clock: Clock;
  readonly log: Log;
  readonly database: MigratableDatabase;
  readonly pool: HashPool;
  readonly jsonnet: Jsonnet;
  readonly metrics: Metrics;
  /** Present where an SDK of OpenTelemetry is registered. */
  readonly tracing: Tracing | undefined;
  readonly ready: Readiness;
  readonly limiter: RateLimiter | undefined;
  /** Certificates to trust beside those of Node, as SSL_CERT_FILE names them. */
  readonly certificateFile: string | undefined;
  /** The environment, for the variables that name proxies. */
  readonly proxyEnv: Readonly<Record<string, string | undefined>> | undefined;
  /** Stands in where the configuration has no secrets: made for this process, so that nothing falls back to a known one. */
  readonly ownSecret: string;
  /** `DEV_DISABLE_API_FLOW_ENFORCEMENT`, which counts in development mode only. */
  readonly hidesBrowser: boolean;
  /** Told of a peer that sends forwarding headers and is no trusted proxy. */
  readonly onUnbelievedProxy: (peerIp: string) => void;
}
