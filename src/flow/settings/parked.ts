// A change that needs a recent sign-in is kept, sealed and bound to its person, and replayed once they are back.
import type { RawBody } from '../../form/body.ts';
import { newUuid } from '../../lib/ids.ts';
import { isJsonObject, type Json } from '../../lib/json.ts';
import { withQuery } from '../../lib/url.ts';
import { refreshRequired } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import type { SignedIn } from '../session/signed-in.ts';
import { withGoTo } from './guard.ts';

/** How long a submission waits for its person (docs/protocol/http.md 2.11). */
const PARKED_LIFESPAN_MS = 15 * 60_000;

/** Asks for a recent sign-in; what a browser submitted is kept meanwhile. */
export async function parkSubmission(
  deps: FlowDeps,
  of: {
    readonly flow: Flow;
    readonly request: FlowRequest;
    readonly active: SignedIn;
    /** Came by a callback: what it brought counts once, so there is nothing to keep. */
    readonly isCallback?: true | undefined;
  },
): Promise<FlowResult> {
  const { publicUrl } = deps.settings;
  const submitted = new URL(of.request.url);
  const back = of.isCallback
    ? new URL(withQuery(deps.settings.uiUrl.settings, { flow: of.flow.id }))
    : new URL(`self-service/settings${submitted.search}`, publicUrl);
  const url = new URL(`${publicUrl}self-service/login/browser`);
  url.searchParams.set('refresh', 'true');
  url.searchParams.set('return_to', back.href);
  const refusal = refreshRequired(url.href);
  const { body } = of.request;
  if (of.isCallback && of.flow.type === 'browser') {
    return { kind: 'refused', error: withGoTo(refusal, url.href), cookies: {} };
  }
  if (of.flow.type === 'api' || (body.kind !== 'json' && body.kind !== 'form')) throw refusal;
  const id = newUuid();
  await deps.database.stores.parked.insert({
    id,
    identityId: of.active.identity.id,
    flowId: of.flow.id,
    // A new password may be in it: whoever reads the table must not.
    payload: { sealed: deps.sealer.seal(JSON.stringify(body)) },
    expiresAtMs: deps.clock.nowMs() + PARKED_LIFESPAN_MS,
  });
  return { kind: 'refused', error: withGoTo(refusal, url.href), cookies: { continuity: { parked: id } } };
}

/** The parked body of this browser, flow and person, taken out so that it counts once; undefined where there is none. */
export async function takeParked(
  deps: FlowDeps,
  of: { readonly flow: Flow; readonly request: FlowRequest; readonly active: SignedIn },
): Promise<RawBody | undefined> {
  const { request } = of;
  const comesBack = request.verb === 'GET' && of.flow.type === 'browser' && !request.client.isJson;
  if (!comesBack || !request.continuity.parked) return undefined;
  const parked = await deps.database.stores.parked.take(request.continuity.parked);
  if (!parked || parked.expiresAtMs <= deps.clock.nowMs()) return undefined;
  if (parked.flowId !== of.flow.id || parked.identityId !== of.active.identity.id) return undefined;
  const sealed = parked.payload['sealed'];
  const opened = typeof sealed === 'string' ? deps.sealer.open(sealed) : undefined;
  return opened === undefined ? undefined : toRawBody(JSON.parse(opened));
}

function toRawBody(value: Json): RawBody | undefined {
  if (!isJsonObject(value)) return undefined;
  if (value['kind'] === 'json' && isJsonObject(value['value']))
    return { kind: 'json', value: value['value'] };
  const { entries } = value;
  if (value['kind'] !== 'form' || !Array.isArray(entries)) return undefined;
  const pairs = entries.flatMap((entry: Json): [string, string][] =>
    Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string'
      ? [[entry[0], entry[1]]]
      : [],
  );
  return { kind: 'form', entries: pairs };
}
