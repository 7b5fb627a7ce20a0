// Messages for administrators: what was queued, what became of it, and why it failed (docs/protocol/http.md 5.5).

import type {
  CourierMessage,
  Dispatch,
  MessagePage,
  MessageStatus,
  MessageStore,
} from '../../../courier/message.ts';
import type { Sealer } from '../../../lib/cipher.ts';
import { type Clock, toRfc3339 } from '../../../lib/clock.ts';
import { parseUuid } from '../../../lib/ids.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { ApiError } from '../../../protocol/api-error.ts';
import { badRequest, notFound } from '../../../protocol/refusals.ts';
import { type KeySetRules, keySetLinks, readKeySetPage } from '../../paging/key-set-pages.ts';
import { ownParameters } from '../../paging/own-parameters.ts';
import { type HttpAnswer, jsonAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import type { Route } from '../../port/route.ts';

export interface AdminCourierDeps {
  readonly clock: Clock;
  readonly messages: Pick<MessageStore, 'find' | 'list'>;
  /** Of page tokens of this list. */
  readonly pageSealer: Sealer;
  /** Texts hold codes and links that sign people in: only developers see them. */
  readonly showsTexts: boolean;
}

const PATH = '/admin/courier/messages';

export function adminCourierRoutes(deps: AdminCourierDeps): readonly Route[] {
  return [
    { method: 'GET', path: PATH, handle: (context) => list(deps, context) },
    { method: 'GET', path: `${PATH}/{id}`, handle: (context) => read(deps, context) },
  ];
}

const malformed = (message: string): ApiError => new ApiError({ status: 400, message });

async function list(deps: AdminCourierDeps, { query }: HttpContext): Promise<HttpAnswer> {
  const rules: KeySetRules = {
    defaultSize: 10,
    maxSize: 500,
    sealer: forAnHour(deps.pageSealer, deps.clock),
    refuseToken: malformed,
  };
  const page = readKeySetPage(query, rules);
  const status = readStatus(query.get('status'));
  const recipient = query.get('recipient') || undefined;
  // One more than is shown tells whether there is another page.
  const found = await deps.messages.list({
    ...(status === undefined ? {} : { status }),
    ...(recipient === undefined ? {} : { recipient }),
    ...(page.after === undefined ? {} : { after: readPosition(page.after) }),
    limit: page.size + 1,
  });
  const onPage = found.slice(0, page.size);
  const last = onPage.at(-1);
  const next = last && found.length > page.size ? JSON.stringify([last.createdAtMs, last.id]) : undefined;
  return jsonAnswer(
    200,
    onPage.map((message) => messageToJson(message, deps)),
    keySetLinks(
      { path: PATH, query: ownParameters(query, ['status', 'recipient']) },
      { size: page.size, next },
      rules,
    ),
  );
}

async function read(deps: AdminCourierDeps, { params }: HttpContext): Promise<HttpAnswer> {
  const id = parseUuid(params['id']);
  if (!id) throw malformed('The id is not a UUID.');
  const found = await deps.messages.find(id);
  if (!found) throw notFound();
  const { message, dispatches } = found;
  return jsonAnswer(200, { ...messageToJson(message, deps), dispatches: dispatches.map(dispatchToJson) });
}

const STATUSES: ReadonlySet<string> = new Set<MessageStatus>(['queued', 'processing', 'sent', 'abandoned']);
const isStatus = (text: string): text is MessageStatus => STATUSES.has(text);

function readStatus(text: string | null): MessageStatus | undefined {
  if (text === null || text === '') return undefined;
  if (!isStatus(text)) throw badRequest(`Messages are ${[...STATUSES].join(', ')}.`);
  return text;
}

const HOUR_MS = 3_600_000;

/** Page tokens that can be used for an hour. */
function forAnHour(sealer: Sealer, clock: Clock): Sealer {
  return {
    seal: (position) => sealer.seal(`${clock.nowMs() + HOUR_MS} ${position}`),
    open: (sealed) => {
      const [, untilMs, position] = /^(\d+) (.*)$/s.exec(sealer.open(sealed) ?? '') ?? [];
      return Number(untilMs) > clock.nowMs() ? position : undefined;
    },
  };
}

/** It was sealed, so it is what `list` wrote. */
function readPosition(text: string): NonNullable<MessagePage['after']> {
  const [createdAtMs, id] = JSON.parse(text) as [number, string];
  return { createdAtMs, id };
}

/** A value of the protocol: clients compare with it. */
const HIDDEN = '<redacted-unless-dev-mode>';

function messageToJson(message: CourierMessage, { showsTexts }: AdminCourierDeps): JsonObject {
  return {
    id: message.id,
    status: message.status,
    type: message.type,
    recipient: message.recipient,
    body: showsTexts ? message.body : HIDDEN,
    subject: showsTexts ? message.subject : HIDDEN,
    template_type: message.templateName,
    channel: message.channel,
    send_count: message.sendCount,
    created_at: toRfc3339(message.createdAtMs),
    updated_at: toRfc3339(message.updatedAtMs),
  };
}

function dispatchToJson({ id, messageId, status, error, createdAtMs }: Dispatch): JsonObject {
  const at = toRfc3339(createdAtMs);
  return { id, message_id: messageId, status, error, created_at: at, updated_at: at };
}
