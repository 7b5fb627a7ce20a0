// What all flows have in common when they begin: address, return URL, lifetime, anti-CSRF binding, schema.
import { emptyForm } from '../../form/node.ts';
import { newFlowId } from '../../lib/ids.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { resolveReturnTo } from '../../lib/url.ts';
import { badRequest, returnToForbidden } from '../../protocol/refusals.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import type { FlowDeps } from '../deps.ts';
import { FIRST_VERSION, type Flow, type FlowKind, type FlowType } from '../flow.ts';
import type { FlowRequest } from '../request.ts';

/** What a flow takes from the request that starts it. */
export type FlowStart = Pick<FlowRequest, 'url' | 'query' | 'csrfToken'>;

/** Twice what the longest challenges of OAuth2 servers take. */
const MAX_URL_LENGTH = 8_192;

/** A flow that is not stored yet and has no nodes. Throws where the return URL or the schema is not allowed. */
export function newFlow(deps: FlowDeps, kind: FlowKind, type: FlowType, request: FlowStart): Flow {
  const nowMs = deps.clock.nowMs();
  // It is kept with the flow, and anybody can start flows.
  if (request.url.length > MAX_URL_LENGTH) {
    throw badRequest(`The URL of a flow may have at most ${MAX_URL_LENGTH} characters.`);
  }
  const returnTo = allowedReturnTo(deps, request.query.get('return_to'));
  const identitySchema = selectedSchemaId(deps, request.query.get('identity_schema'));
  return {
    id: newFlowId(),
    kind,
    type,
    state: 'choose_method',
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + deps.settings.lifespanMs[kind],
    requestUrl: request.url,
    ...(returnTo === undefined ? {} : { returnTo }),
    form: emptyForm,
    ...(type === 'browser' ? { csrfDigest: tokenDigest(request.csrfToken) } : {}),
    ...(identitySchema === undefined ? {} : { identitySchema }),
    refresh: false,
    requestedAal: 'aal1',
    internal: {},
    version: FIRST_VERSION,
  };
}

/** The return URL as asked for, checked against the allow-list; undefined where none was. */
export function allowedReturnTo(deps: FlowDeps, candidate: string | null): string | undefined {
  if (!candidate) return undefined;
  const resolved = resolveReturn(deps, candidate);
  if (!resolved.ok) throw returnToForbidden(resolved.resolved);
  // The answer shows the address as it was asked for; it is completed each time it is used.
  return candidate;
}

/** The return URL in full, or the default where none was asked for or it is not allowed any more. */
export function returnUrl(deps: FlowDeps, candidate: string | null | undefined, defaultUrl: string): string {
  if (!candidate) return defaultUrl;
  const resolved = resolveReturn(deps, candidate);
  return resolved.ok ? resolved.url : defaultUrl;
}

function resolveReturn(deps: FlowDeps, candidate: string): ReturnType<typeof resolveReturnTo> {
  const { settings } = deps;
  return resolveReturnTo({
    candidate,
    defaultUrl: settings.defaultReturnUrl,
    allowed: [...settings.allowedReturnUrls, `${settings.publicUrl}self-service`, ...ownPages(deps)],
  });
}

/** Built-in pages may return to each other: they are ours. */
function ownPages({ settings }: FlowDeps): readonly string[] {
  return settings.uiUrl.login.startsWith(`${settings.publicUrl}ui/`) ? [`${settings.publicUrl}ui`] : [];
}

/** The schema a person may choose for themselves; 400 where it does not exist or is not offered. */
function selectedSchemaId(deps: FlowDeps, wanted: string | null): string | undefined {
  if (!wanted) return undefined;
  const schema = deps.schemas.find(wanted);
  if (!schema) throw badRequest(`The identity schema "${wanted}" does not exist.`);
  // Whoever names the default asks for what they would get anyway.
  if (!schema.isSelectable && schema.id !== deps.schemas.defaultId)
    throw badRequest(`The identity schema "${wanted}" is not offered for self-service.`);
  return schema.id;
}

/** The schema in force for a flow. */
export function schemaOf(deps: FlowDeps, flow: Pick<Flow, 'identitySchema'>): IdentitySchema {
  return deps.schemas.get(flow.identitySchema);
}

/** Where one goes after a flow: what was asked for, then the method's address, the flow's, and everybody's (docs/protocol/http.md 7.3). */
export function afterUrl(deps: FlowDeps, flow: Flow, method: string): string {
  const own = deps.settings.afterUrls[flow.kind];
  return returnUrl(
    deps,
    flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to'),
    own.byMethod[method] ?? own.all ?? deps.settings.defaultReturnUrl,
  );
}
