// The HTML of an e-mail at the moment of sending. A template that fails costs the looks, not the message.
import type { Log } from '../../lib/log.ts';
import type { CourierMessage, RenderHtml } from '../message.ts';

export function createHtmlPart(html: RenderHtml, log: Log): RenderHtml {
  return async (message: CourierMessage) => {
    try {
      return await html(message);
    } catch (error) {
      log.warn('the HTML of a message could not be made; it is sent as plain text', {
        message_id: message.id,
        template: message.templateName,
        error,
      });
      return undefined;
    }
  };
}
