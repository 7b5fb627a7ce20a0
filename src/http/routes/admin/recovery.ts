// Recovery codes and links that administrators make (docs/protocol/http.md 5.4).
import type { Static } from 'typebox';
import { administratorAct } from '../../../event/administrator.ts';
import type { FlowDeps } from '../../../flow/deps.ts';
import { type IssuedRecovery, issueRecovery, type RecoveryWish } from '../../../flow/recovery/issue.ts';
import { toRfc3339 } from '../../../lib/clock.ts';
import { parseDurationMs } from '../../../lib/duration.ts';
import { type IdentityId, parseUuid } from '../../../lib/ids.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { withQuery } from '../../../lib/url.ts';
import { badRequest, notFound } from '../../../protocol/refusals.ts';
import { Type } from '../../../schema/typebox.ts';
import { readJson, shaped } from '../../body/json-body.ts';
import { type HttpAnswer, plainJsonAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import type { Route } from '../../port/route.ts';

export interface AdminRecoveryDeps {
  readonly flow: FlowDeps;
}

export function adminRecoveryRoutes(deps: AdminRecoveryDeps): readonly Route[] {
  return [
    { method: 'POST', path: '/admin/recovery/code', handle: (context) => makeCode(deps, context) },
    { method: 'POST', path: '/admin/recovery/link', handle: (context) => makeLink(deps, context) },
  ];
}

const linkBody = Type.Object({
  identity_id: Type.Optional(Type.String()),
  expires_in: Type.Optional(Type.String()),
});
const codeBody = Type.Object({
  ...linkBody.properties,
  flow_type: Type.Optional(
    Type.Unsafe<'' | 'browser' | 'api'>({ type: 'string', enum: ['', 'browser', 'api'] }),
  ),
});

const UNKNOWN = 'Identity not found.';

async function makeCode({ flow: deps }: AdminRecoveryDeps, context: HttpContext): Promise<HttpAnswer> {
  const body = shaped(await readJson(context, 'json'), codeBody, 'ignored');
  const type = body.flow_type || 'browser';
  const issued = await issueRecovery(deps, { ...wishOf(deps, context, body), method: 'code', type });
  if (!issued) throw notFound(UNKNOWN);
  const page = withQuery(deps.settings.uiUrl.recovery, { flow: issued.flow.id });
  return plainJsonAnswer(201, { recovery_link: page, recovery_code: issued.secret, ...expiryOf(issued) });
}

async function makeLink({ flow: deps }: AdminRecoveryDeps, context: HttpContext): Promise<HttpAnswer> {
  const body = shaped(await readJson(context, 'json'), linkBody, 'ignored');
  const wish = wishOf(deps, context, body);
  const issued = await issueRecovery(deps, { ...wish, method: 'link', type: 'browser' });
  // Where a code answers 404, a link answers 400 (docs/protocol/http.md 5.4).
  if (!issued) throw badRequest(UNKNOWN);
  const address = `${deps.settings.publicUrl}self-service/recovery`;
  const link = withQuery(address, { flow: issued.flow.id, token: issued.secret });
  return plainJsonAnswer(200, { recovery_link: link, ...expiryOf(issued) });
}

const expiryOf = ({ flow }: IssuedRecovery): JsonObject => ({ expires_at: toRfc3339(flow.expiresAtMs) });

function wishOf(
  { clock }: FlowDeps,
  context: HttpContext,
  body: Static<typeof linkBody>,
): Omit<RecoveryWish, 'method' | 'type'> {
  const { url, query } = context;
  const { identity_id = '', expires_in = '' } = body;
  const identityId = parseUuid<IdentityId>(identity_id);
  if (identity_id !== '' && !identityId) throw badRequest('The identity_id is not a UUID.');
  return {
    identityId,
    lifespanMs: expires_in === '' ? undefined : lifespanOf(expires_in),
    start: { url, query: new URLSearchParams([...query].filter(([name]) => name === 'return_to')) },
    act: administratorAct(clock, context),
  };
}

/** Nobody means to hand over something that is good for longer; beyond some such limit times cannot be written any more. */
const LONGEST_MS = 10 * 365 * 24 * 3_600_000;

function lifespanOf(text: string): number {
  let lifespanMs: number;
  try {
    lifespanMs = parseDurationMs(text);
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`expires_in: ${error.message}.`);
    throw error;
  }
  if (lifespanMs <= 0 || lifespanMs > LONGEST_MS) {
    throw badRequest('expires_in must be in the future and no more than ten years ahead.');
  }
  return lifespanMs;
}
