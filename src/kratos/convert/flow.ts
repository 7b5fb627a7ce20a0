// A flow of Kratos that waits for a code or link -> the same flow here, which what was sent still opens.
import { createHash } from 'node:crypto';
import type { Flow } from '../../flow/flow.ts';
import { importedDigest, type OneTimeSecret } from '../../flow/secret/one-time-secret.ts';
import { traitsDigest, withPendingChange } from '../../flow/verification/pending-change.ts';
import { csrfNode, type Form, type Node, nodeId } from '../../form/node.ts';
import { type FlowId, type IdentityId, newUuid, parseUuid, type SessionId } from '../../lib/ids.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { Message } from '../../protocol/message.ts';
import type { Row } from '../database/database.ts';
import type { KratosFlow, KratosSecret } from '../read/flows.ts';
import { booleanAt, jsonAt, textAt, timeAt } from '../read/values.ts';
import { toVia } from './person.ts';

export interface ConvertedFlow {
  readonly flow: Flow;
  readonly secrets: readonly OneTimeSecret[];
}

/** Undefined where nobody could use it. Throws an Error where it makes no sense. */
export function convertFlow(waiting: KratosFlow): ConvertedFlow | undefined {
  const { kind, flow: row, change } = waiting;
  const id = parseUuid<FlowId>(row['id']);
  if (!id) throw new Error('its id is no UUID');
  const owner = change && parseUuid<IdentityId>(change['identity_id']);
  const secrets = waiting.secrets.flatMap((secret) => toSecret(secret, { id, kind, change, owner }) ?? []);
  const [first] = secrets;
  if (!first) return undefined;
  const waitingChange = change && owner ? toPendingChange(change, owner) : undefined;
  // A change of traits that were changed again meanwhile is void, and its code with it.
  if (change && !waitingChange) return undefined;
  const { request_url: requestUrl } = row;
  const returnTo = returnToOf(requestUrl ?? '');
  const type = row['type'] === 'api' ? 'api' : 'browser';
  const csrfToken = type === 'browser' ? browserToken(row['csrf_token'] ?? '') : undefined;
  return {
    flow: {
      id,
      kind,
      type,
      state: textAt(row, 'state'),
      issuedAtMs: timeAt(row, 'issued_at'),
      expiresAtMs: timeAt(row, 'expires_at'),
      requestUrl: requestUrl ?? '',
      ...(returnTo === undefined ? {} : { returnTo }),
      active: row['active_method'] || first.kind,
      form: toForm(row),
      ...(csrfToken === undefined ? {} : { csrfDigest: tokenDigest(csrfToken) }),
      refresh: booleanAt(row, 'forced'),
      requestedAal: row['requested_aal'] === 'aal2' ? 'aal2' : 'aal1',
      internal: waitingChange ?? {},
      version: 0,
    },
    secrets,
  };
}

function toSecret(
  { kind, row }: KratosSecret,
  of: {
    readonly id: FlowId;
    readonly kind: KratosFlow['kind'];
    readonly change: Row | undefined;
    readonly owner: IdentityId | undefined;
  },
): OneTimeSecret | undefined {
  const identityId = parseUuid<IdentityId>(row['identity_id']) ?? of.owner;
  if (!identityId) return undefined;
  // What an administrator made was sent to no address, and proves none.
  const to = booleanAt(row, 'is_by_hand') ? undefined : row['address'] ? row : of.change;
  return {
    id: parseUuid(row['id']) ?? newUuid(),
    kind,
    purpose: of.kind,
    flowId: of.id,
    identityId,
    digest: importedDigest(textAt(row, 'digest')),
    address: to?.['address'] ?? '',
    via: toVia(to?.['via']),
    createdAtMs: timeAt(row, 'issued_at'),
    expiresAtMs: timeAt(row, 'expires_at'),
  };
}

/** Undefined where the traits are not those any more that the change was made of. */
function toPendingChange(change: Row, identityId: IdentityId): JsonObject | undefined {
  const sessionId = parseUuid<SessionId>(change['session_id']);
  const before = textAt(change, 'traits');
  const proposed = jsonAt(change, 'proposed_traits');
  const traits = jsonAt(change, 'traits');
  if (!sessionId || !isJsonObject(proposed) || !isJsonObject(traits)) return undefined;
  const isAsSeen = digestsOf(before).includes(textAt(change, 'original_traits_hash'));
  if (!isAsSeen) return undefined;
  return withPendingChange({
    identityId,
    sessionId,
    method: 'profile',
    traits: proposed,
    oldTraitsDigest: traitsDigest(traits),
    address: { via: toVia(change['via']), value: textAt(change, 'address') },
  });
}

/** Of the text as the database writes it, and as Kratos wrote it where the database writes JSON in its own way. */
function digestsOf(traits: string): readonly string[] {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  return [sha256(traits), sha256(JSON.stringify(JSON.parse(traits)))];
}

const TOKEN_BYTES = 32;

/** What the cookie of the browser holds: the stored token is that value under a mask that comes with it. */
function browserToken(masked: string): string | undefined {
  const bytes = Buffer.from(masked, 'base64');
  if (bytes.length !== 2 * TOKEN_BYTES) return undefined;
  const value = bytes.subarray(TOKEN_BYTES).map((byte, index) => byte ^ (bytes[index] ?? 0));
  return Buffer.from(value).toString('base64');
}

function returnToOf(requestUrl: string): string | undefined {
  return URL.parse(requestUrl)?.searchParams.get('return_to') ?? undefined;
}

/** The form as it was shown last, with our anti-CSRF node: its value is made when the form is shown. */
function toForm(row: Row): Form {
  const ui = jsonAt(row, 'ui');
  const { nodes, messages } = isJsonObject(ui) ? ui : {};
  // What Kratos wrote follows the same protocol as what we show (docs/protocol/http.md section 12).
  const shown = (Array.isArray(nodes) ? nodes : []) as unknown as readonly Node[];
  return {
    nodes: shown.map((node) =>
      nodeId(node) === 'csrf_token' ? csrfNode : { ...node, messages: node.messages ?? [] },
    ),
    messages: (Array.isArray(messages) ? messages : []) as unknown as readonly Message[],
  };
}
