// The mailbox of development mode as a value: http/ decides who may look, and mounts it.
import type { MessageStore, RenderHtml } from '../../courier/message.ts';
import type { Clock } from '../../lib/clock.ts';
import { parseUuid } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import { createInboxAssets } from '../frame/assets.ts';
import type { Frame } from '../frame/layout.ts';
import type { PageRoute } from '../frame/route.ts';
import { letterToJson, toLetter } from './inbox-letter.ts';
import { renderInboxPage } from './inbox-page.ts';

export interface InboxDeps {
  readonly messages: Pick<MessageStore, 'list' | 'find'>;
  readonly html: RenderHtml;
  readonly clock: Clock;
  readonly frame: Frame;
  /** Below the public address. */
  readonly path: string;
}

export interface Inbox {
  /** `recipient`: only messages to this address; empty for all. */
  readonly page: (recipient: string) => Promise<string>;
  readonly json: (recipient: string) => Promise<JsonObject>;
  /** The HTML part of a mail; undefined where there is no such mail or it has none. */
  readonly html: (id: string) => Promise<string | undefined>;
  readonly assets: readonly PageRoute[];
}

/** Who develops looks for what was sent just now; the admin API lists everything. */
const MOST_SHOWN = 50;

export function createInbox({ messages, html, clock, frame, path }: InboxDeps): Inbox {
  const assets = createInboxAssets();
  const list = (recipient: string) =>
    messages.list({ limit: MOST_SHOWN, ...(recipient === '' ? {} : { recipient }) });
  return {
    page: async (recipient) =>
      renderInboxPage(frame, {
        messages: await list(recipient),
        recipient,
        nowMs: clock.nowMs(),
        path: `${frame.basePath}${path}`,
        assets,
      }),
    json: async (recipient) => ({ messages: (await list(recipient)).map(toLetter).map(letterToJson) }),
    html: async (id) => {
      const uuid = parseUuid(id);
      const found = uuid && (await messages.find(uuid));
      return found && html(found.message);
    },
    assets: assets.routes,
  };
}
