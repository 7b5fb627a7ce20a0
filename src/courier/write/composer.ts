// Drafts -> messages: the texts of everything that is sent.
import { newUuid } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Composer, MessageDraft } from '../message.ts';
import type { PartName } from './builtin.ts';
import { languagesOf } from './language.ts';
import { templateModel } from './model.ts';
import type { Site } from './site.ts';
import { templatePart } from './template-part.ts';
import { createTemplates, type TemplatesOptions } from './templates.ts';

export interface ComposerOptions extends TemplatesOptions {
  readonly site: Site;
  /** The address with an origin of ours. A request names its host itself, and what we write to people must not name another. */
  readonly ownAddress: (address: string) => string;
}

export function createComposer(options: ComposerOptions): Composer {
  const { clock, site } = options;
  const templates = createTemplates(options);

  async function write(draft: Omit<MessageDraft, 'recipient'>, name: PartName): Promise<string | undefined> {
    const part = templatePart(draft.templateName, draft.type, name);
    const { identity, traits } = draft.data;
    return (
      part &&
      templates.render(part, templateModel(draft, site), {
        languages: languagesOf(draft),
        isNobody: identity === undefined && traits === undefined,
      })
    );
  }

  return {
    compose: async (asked) => {
      const draft = { ...asked, data: fromOwnSite(asked.data, options.ownAddress) };
      const [subject, body] = await Promise.all([write(draft, 'subject'), write(draft, 'plaintext')]);
      if (body === undefined) throw new Error(`there is no ${draft.type} of the kind ${draft.templateName}`);
      const nowMs = clock.nowMs();
      return {
        id: newUuid(),
        status: 'queued',
        type: draft.type,
        channel: draft.type,
        recipient: draft.recipient,
        subject: oneLine(subject ?? ''),
        // Phones look for the code in the last line (WebOTP).
        body: draft.type === 'sms' ? body.trimEnd() : body,
        templateName: draft.templateName,
        templateData: draft.data,
        requestHeaders: draft.requestHeaders ?? {},
        sendCount: 0,
        nextAttemptAtMs: nowMs,
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
      };
    },
    html: ({ templateName, type, templateData: data, requestHeaders }) =>
      write({ templateName, type, data, requestHeaders }, 'html'),
  };
}

/**
 * The address of the request as we know ourselves, and for text messages the site that phones fill the code in on: whoever
 * chooses that gets the codes.
 */
function fromOwnSite(data: JsonObject, ownAddress: (address: string) => string): JsonObject {
  const { request_url: asked } = data;
  if (typeof asked !== 'string') return data;
  const own = ownAddress(asked);
  const domain = data['request_url_domain'] ? { request_url_domain: new URL(own).hostname } : {};
  return { ...data, request_url: own, ...domain };
}

/** A break would begin another header. */
const oneLine = (text: string): string =>
  text
    .trim()
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .join(' ');
