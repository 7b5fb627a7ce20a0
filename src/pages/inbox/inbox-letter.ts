// A queued message as a developer wants it: the code and the links that the person is waiting for, picked out.
import type { CourierMessage } from '../../courier/message.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import type { JsonObject } from '../../lib/json.ts';

export interface Letter {
  readonly id: string;
  readonly type: CourierMessage['type'];
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
  readonly templateName: string;
  readonly createdAtMs: number;
  readonly codes: readonly string[];
  readonly links: readonly string[];
}

export function toLetter(message: CourierMessage): Letter {
  const { id, type, recipient, subject, body, templateName, templateData, createdAtMs } = message;
  const named = (end: RegExp): readonly string[] =>
    Object.entries(templateData).flatMap(([name, value]) =>
      end.test(name) && typeof value === 'string' && value !== '' ? [value] : [],
    );
  const links = [...named(/^(?!request_).*_url$/), ...linksIn(body)].filter(isWebAddress);
  return {
    id,
    type,
    recipient,
    subject,
    body,
    templateName,
    createdAtMs,
    codes: named(/_code$/),
    links: [...new Set(links)],
  };
}

/** A template of the operator may lead to other places too. */
function linksIn(text: string): readonly string[] {
  // A full stop or bracket behind an address belongs to the sentence.
  return [...text.matchAll(/https?:\/\/[^\s<>"]+/g)].map(([address]) => address.replace(/[.,;:!?)\]]+$/, ''));
}

const isWebAddress = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');

/** For tools that test an application; in the words of the admin API where it has them. */
export function letterToJson(letter: Letter): JsonObject {
  const { id, type, recipient, subject, body, templateName, createdAtMs, codes, links } = letter;
  return {
    id,
    type,
    recipient,
    subject,
    body,
    template_type: templateName,
    created_at: toRfc3339(createdAtMs),
    codes,
    links,
  };
}
