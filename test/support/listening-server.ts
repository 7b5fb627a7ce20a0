// A server that listens on ports of its own, for clients that make connections themselves.
import type { Bia } from '../../src/app/create-app.ts';
import { serve } from '../../src/app/serve.ts';
import { createTestClock, type TestClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { type DatabaseName, freshDatabase } from './databases.ts';
import { freePorts } from './free-ports.ts';
import { START_MS, sharedConfig, type TestScope } from './server.ts';

export interface ListeningServer {
  readonly bia: Bia;
  readonly clock: TestClock;
  /** Without a slash at the end, as clients write it. */
  readonly publicUrl: string;
  readonly adminUrl: string;
}

/** A server over a database of its own; both end with the test. */
export async function startListening(scope: TestScope, name: DatabaseName): Promise<ListeningServer> {
  const fresh = await freshDatabase(name);
  const [publicPort, adminPort] = await freePorts();
  const publicUrl = `http://127.0.0.1:${publicPort}`;
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const clock = createTestClock(START_MS);
  const served = await serve({
    clock,
    log: silentLog,
    config: sharedConfig(fresh.dsn),
    flags: {
      serve: {
        public: { base_url: `${publicUrl}/`, host: '127.0.0.1', port: publicPort },
        admin: { base_url: `${adminUrl}/`, host: '127.0.0.1', port: adminPort },
      },
    },
  });
  scope.after(async () => {
    await served.stop();
    await fresh.remove();
  });
  return { bia: served.bia, clock, publicUrl, adminUrl };
}
