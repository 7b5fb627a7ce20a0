// How the services are doing, as one worker sees it: one that hangs or is down must not hold up the others.

export interface Targets {
  /** Services that get nothing for the moment: too much is on its way to them, or they failed again and again. */
  busy(nowMs: number): readonly string[];
  started(target: string): void;
  ended(target: string, of: { readonly isDelivered: boolean; readonly nowMs: number }): void;
}

interface State {
  inFlight: number;
  failures: number;
  restsUntilMs: number;
}

/** A service that answers with an error now and then is not left alone; one that gives nothing else is. */
const PATIENCE = 5;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

export function createTargets(mostInFlight: number): Targets {
  const states = new Map<string, State>();
  const of = (target: string): State => {
    const known = states.get(target) ?? { inFlight: 0, failures: 0, restsUntilMs: 0 };
    states.set(target, known);
    return known;
  };
  return {
    busy: (nowMs) =>
      [...states]
        .filter(([, { inFlight, restsUntilMs }]) => inFlight >= mostInFlight || restsUntilMs > nowMs)
        .map(([target]) => target),
    started: (target) => {
      of(target).inFlight += 1;
    },
    ended: (target, { isDelivered, nowMs }) => {
      const state = of(target);
      state.inFlight -= 1;
      state.failures = isDelivered ? 0 : state.failures + 1;
      const over = state.failures - PATIENCE;
      state.restsUntilMs =
        over < 0 ? 0 : nowMs + Math.min(FIRST_REST_MS * 2 ** Math.min(over, 10), LONGEST_REST_MS);
      // Nothing to remember of it: the map must not grow with addresses that are gone.
      if (state.inFlight === 0 && state.failures === 0) states.delete(target);
    },
  };
}
