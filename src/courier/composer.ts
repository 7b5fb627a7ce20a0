// Drafts -> messages: the texts of everything that is sent.
import type { Clock } from '../lib/clock.ts';
import { newUuid } from '../lib/ids.ts';
import type { Composer } from './message.ts';

export function createComposer({ clock }: { readonly clock: Clock }): Composer {
  return {
    compose: async (draft) => {
      const { data } = draft;
      const secret = Object.entries(data).find(
        ([name]) => /_(code|url)$/.test(name) && name !== 'request_url',
      );
      const nowMs = clock.nowMs();
      return {
        id: newUuid(),
        status: 'queued',
        type: draft.type,
        channel: draft.type,
        recipient: draft.recipient,
        subject: draft.type === 'email' ? draft.templateName : '',
        body: String(secret?.[1] ?? ''),
        templateName: draft.templateName,
        templateData: data,
        requestHeaders: draft.requestHeaders ?? {},
        sendCount: 0,
        nextAttemptAtMs: nowMs,
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
      };
    },
    html: () => Promise.resolve(undefined),
  };
}
