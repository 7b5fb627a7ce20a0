// Does mail leave? The queue tells of the past; a mail to oneself tells of now.
import type { Config } from '../../../config/schema.ts';
import type { CourierMessage } from '../../../courier/message.ts';
import { courierSettings } from '../../../courier/send/courier.ts';
import { DeliveryError } from '../../../courier/send/delivery.ts';
import { newUuid } from '../../../lib/ids.ts';
import { createJsonnet } from '../../../lib/jsonnet/jsonnet.ts';
import { createLog } from '../../../lib/log.ts';
import { createOutbound } from '../../../outbound/outbound.ts';
import { type Check, fault, ok, warning } from './check.ts';

const NAME = 'mail';

/** Undefined as `to`: nothing is sent, and only what is configured is told. */
export async function mailCheck(
  config: Config,
  of: {
    readonly to: string | undefined;
    readonly nowMs: number;
    readonly certificateFile: string | undefined;
  },
): Promise<Check> {
  const jsonnet = createJsonnet();
  try {
    const { prepare } = courierSettings(config, {
      html: () => Promise.resolve(undefined),
      outbound: createOutbound({
        disallowPrivate: config.clients.http.disallow_private_ip_ranges,
        privateExceptions: config.clients.http.private_ip_exception_urls,
        certificateFile: of.certificateFile,
      }),
      jsonnet,
      log: createLog({ level: 'error', format: 'text' }),
      certificateFile: of.certificateFile,
    });
    if (!prepare) {
      const text = 'no way to send it is configured';
      const advice = 'set courier.smtp.connection_uri (docs/guides/send-mail.md)';
      return config.dev ? warning(NAME, text, advice) : fault(NAME, text, advice);
    }
    if (of.to === undefined) {
      return warning(
        NAME,
        'a way to send it is configured, and was not tried',
        'try it with --mail-to YOUR-ADDRESS',
      );
    }
    const send = await prepare(testMail(of.to, of.nowMs));
    await send();
    return ok(NAME, `one was handed over for ${of.to}; look whether it arrives`);
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    return fault(
      NAME,
      `it cannot be sent: ${error.message}`,
      'check the section courier (docs/guides/send-mail.md)',
    );
  } finally {
    await jsonnet.stop();
  }
}

function testMail(recipient: string, nowMs: number): CourierMessage {
  return {
    id: newUuid(),
    status: 'processing',
    type: 'email',
    channel: 'email',
    recipient,
    subject: 'Mail from your identity server',
    body: 'This mail was sent by "bia doctor". Mail leaves your installation.\n',
    // Services that send mail for us know this one.
    templateName: 'verification_valid',
    templateData: {},
    requestHeaders: {},
    sendCount: 1,
    nextAttemptAtMs: nowMs,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}
