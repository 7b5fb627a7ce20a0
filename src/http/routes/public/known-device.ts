// The link of a mail about guesses at an account: from now on the browser that opens it is told from strangers.
import { KNOWN_DEVICE_PATH, openKnownDeviceLink } from '../../../flow/secret/guessed-at.ts';
import type { Route } from '../../port/route.ts';
import type { FlowRouteDeps } from './flows.ts';

/** Signs nobody in: whoever opens it gets tries of their own, and as few. So scanners of mails may open it too. */
export function knownDeviceRoute({ flow, responder }: Pick<FlowRouteDeps, 'flow' | 'responder'>): Route {
  return {
    method: 'GET',
    path: KNOWN_DEVICE_PATH,
    bucket: 'medium',
    handle: (context) => {
      const knownTo = openKnownDeviceLink(flow, context.query.get('token') ?? '');
      const url = `${flow.settings.publicUrl}self-service/login/browser`;
      return responder.result(context, {
        kind: 'moved',
        url,
        ...(knownTo === undefined ? {} : { cookies: { knownTo } }),
      });
    },
  };
}
