// Hundreds of connections that send next to nothing: when are they cut off, and is anybody else served meanwhile?
import { connect, type Socket } from 'node:net';
import type { Attack, Figure } from '../attack.ts';

const CONNECTIONS = 300;
const WAVE = 20;
const MOST_DELAY_MS = 50;
const DRIP_MS = 200;
/** What the timeouts of docs/protocol/http.md 0.2 may be late by. */
const LATENESS_MS = 1_500;

interface Kind {
  readonly name: string;
  readonly opening: string;
  readonly drip: string;
  readonly limitMs: number;
}

const KINDS: readonly Kind[] = [
  { name: 'silent connections', opening: '', drip: '', limitMs: 5_000 },
  {
    name: 'slow headers',
    opening: 'GET /health/alive HTTP/1.1\r\nHost: id.example.org\r\nX-Slow: ',
    drip: 'a',
    limitMs: 5_000,
  },
  {
    name: 'slow bodies',
    opening:
      'POST /self-service/login?flow=x HTTP/1.1\r\nHost: id.example.org\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n',
    drip: '[',
    limitMs: 15_000,
  },
];

export const attack: Attack = {
  claim: `slow senders are cut off in time, and nobody waits for them (${CONNECTIONS} connections each)`,
  run: async (target, { note }) => {
    const figures: Figure[] = [];
    for (const kind of KINDS) {
      note(kind.name);
      await target.reset();
      let isOver = false;
      const slowestMs = watch(target.publicUrl, () => isOver);
      const living: Promise<number>[] = [];
      for (let count = 0; count < CONNECTIONS; count += 1) {
        living.push(lifeOf(target.publicPort, kind));
        // More at once than the system queues would be dropped by it, and come again a second later.
        if (count % WAVE === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const lives = await Promise.all(living);
      isOver = true;
      const longestMs = Math.max(...lives);
      const othersMs = await slowestMs;
      figures.push(
        {
          what: `${kind.name}: the last one is cut off`,
          value: `after ${(longestMs / 1000).toFixed(1)} s`,
          isFine: longestMs < kind.limitMs + LATENESS_MS,
        },
        {
          what: `${kind.name}: the slowest answer to somebody else`,
          value: `${Math.round(othersMs)} ms`,
          isFine: othersMs < 10 * MOST_DELAY_MS,
        },
      );
    }
    return figures;
  },
};

/** How long a connection lives on which a little is sent again and again. */
function lifeOf(port: number, { opening, drip }: Kind): Promise<number> {
  return new Promise((resolve) => {
    const startedAtMs = performance.now();
    const socket: Socket = connect(port, '127.0.0.1');
    socket.write(opening);
    const timer = setInterval(() => drip !== '' && socket.write(drip), DRIP_MS);
    socket.resume();
    // How it was closed does not matter.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(performance.now() - startedAtMs);
    });
  });
}

/** The slowest of the answers that somebody else gets until it is over. */
async function watch(url: string, isOver: () => boolean): Promise<number> {
  let slowestMs = 0;
  while (!isOver()) {
    const startedAtMs = performance.now();
    await (await fetch(`${url}/health/alive`)).text();
    slowestMs = Math.max(slowestMs, performance.now() - startedAtMs);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return slowestMs;
}
