// Which event does an act of an administrator leave behind?
import type { Clock } from '../lib/clock.ts';
import type { SecurityEvent } from './event.ts';

/** Turns what happened into an event that says by whom and from where. */
export type Act = (happened: Omit<SecurityEvent, 'atMs' | 'clientIp' | 'requestId'>) => SecurityEvent;

export function administratorAct(
  clock: Clock,
  { clientIp, requestId }: { readonly clientIp: string; readonly requestId: string },
): Act {
  return (happened) => ({
    ...happened,
    atMs: clock.nowMs(),
    clientIp,
    requestId,
    details: { ...happened.details, by: 'administrator' },
  });
}
