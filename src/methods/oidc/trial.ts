// An administrator tries a provider out: what its claims become is shown, and nobody is signed in or created.

import type { Flow } from '../../flow/flow.ts';
import type { LoginAt } from '../../flow/method/at.ts';
import type { MethodRoute, Returned } from '../../flow/method/callback.ts';
import type { LoginOutcome } from '../../flow/method/outcome.ts';
import { flowToJson } from '../../flow/view.ts';
import { applyEdits, csrfNode } from '../../form/node.ts';
import { validateTraits } from '../../identity/validate.ts';
import { type FlowId, newFlowId, parseUuid } from '../../lib/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { withQuery } from '../../lib/url.ts';
import { badRequest, notFound } from '../../protocol/refusals.ts';
import { arriveFrom } from './arrival.ts';
import { NOBODY } from './claims-to-person.ts';
import { NAME } from './credential.ts';
import { type CallbackStep, ProviderFault } from './fault.ts';
import { signInButton } from './nodes.ts';
import type { ProviderBook } from './provider-book.ts';
import { reportPage } from './trial-page.ts';

const LIFESPAN_MS = 60 * 60_000;
const MAX_ID_LENGTH = 255;
const REPORT_PATH = '/session/test-oidc';

export function trialRoutes(book: ProviderBook): readonly MethodRoute[] {
  return [
    {
      port: 'admin',
      verb: 'POST',
      path: '/admin/test-login-flows',
      handle: async ({ body, url }) => {
        const flow = trialFlow(book, providerIn(body.kind === 'json' ? body.value : null), url);
        await book.deps.database.stores.flows.insert(flow);
        return {
          kind: 'json',
          status: 201,
          body: flowToJson(flow, { publicUrl: book.deps.publicUrl, csrfToken: '' }),
        };
      },
    },
    {
      port: 'public',
      verb: 'DELETE',
      path: '/self-service/login/test',
      // Whoever knows the id of a trial may end it; no cookie counts for that.
      isCsrfExempt: true,
      handle: async ({ query }) => {
        const flow = await findTrial(book, query.get('id'));
        await book.deps.database.transaction((stores) => stores.flows.consume(flow.id));
        return { kind: 'empty' };
      },
    },
    {
      port: 'public',
      verb: 'GET',
      path: REPORT_PATH,
      handle: async ({ query, csrfToken, csrfFromCookie }) => {
        const { csrfDigest, trial } = await findTrial(book, query.get('flow'));
        const isOwn = csrfDigest === undefined || (csrfFromCookie && tokenDigest(csrfToken) === csrfDigest);
        if (!isOwn || !trial) throw notFound();
        return reportPage(trial.shown);
      },
    },
  ];
}

function providerIn(body: Json): string {
  const id = isJsonObject(body) ? body['provider_id'] : undefined;
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH) {
    throw badRequest('"provider_id" must name a provider.');
  }
  return id;
}

async function findTrial({ deps }: ProviderBook, id: string | null): Promise<Flow> {
  const parsed = parseUuid<FlowId>(id);
  const flow = parsed && (await deps.database.stores.flows.find('login', parsed));
  if (!flow?.trial) throw notFound();
  return flow;
}

/** It belongs to no browser yet: the one to which the administrator opens it goes on with it. */
function trialFlow(book: ProviderBook, id: string, url: string): Flow {
  const { provider } = book.get(id);
  const nowMs = book.deps.clock.nowMs();
  return {
    id: newFlowId(),
    kind: 'login',
    type: 'browser',
    state: 'choose_method',
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + LIFESPAN_MS,
    requestUrl: url,
    form: { nodes: applyEdits([csrfNode], [signInButton(provider)]), messages: [] },
    refresh: true,
    requestedAal: 'aal1',
    internal: {},
    trial: { method: NAME, shown: { provider_id: id } },
    version: 1,
  };
}

/** What came of it, written on the flow; then on to where it is shown. */
export async function endTrial(book: ProviderBook, at: LoginAt & Returned): Promise<LoginOutcome> {
  const { provider_id: id = '' } = at.flow.trial?.shown ?? {};
  const report = await runTrial(book, at);
  return {
    kind: 'redirect',
    to: withQuery(`${book.deps.publicUrl}${REPORT_PATH.slice(1)}`, { flow: at.flow.id }),
    patch: { trial: { provider_id: id, debug_payload: report }, memory: {} },
  };
}

async function runTrial(book: ProviderBook, at: LoginAt & Returned): Promise<JsonObject> {
  const found: Record<string, Json> = {};
  try {
    const { entry, arrival } = await arriveFrom(book, at);
    found['id_token_claims'] = arrival.idTokenClaims ?? null;
    found['userinfo'] = arrival.userinfo ?? null;
    found['jsonnet_mapper_url'] = entry.provider.config.mapper_url ?? '';
    found['jsonnet_input'] = JSON.stringify({ claims: arrival.claims, identity: NOBODY });
    const mapped = await entry.mapper.map({ claims: arrival.claims, identity: NOBODY });
    found['jsonnet_output'] = JSON.stringify(mapped.output);
    const checked = validateTraits(at.schema, mapped.traits);
    if (checked.ok) return found;
    found['schema_validation_errors'] = checked.problems.map(({ at: path = '', message }) => ({
      path,
      message: message.text,
    }));
    return { ...found, error: errorAt('schema_validate', 'The traits do not match the identity schema.') };
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    // Kratos counts the check of an id_token to the reading of its claims.
    const step = error.step === 'id_token_verify' ? 'claims_decode' : error.step;
    if (step === 'jsonnet_run') found['jsonnet_stderr'] = error.message;
    return { ...found, error: errorAt(step, error.message) };
  }
}

const errorAt = (step: CallbackStep, reason: string): JsonObject => ({
  step,
  reason,
  message: 'The trial sign-in failed.',
});
