// Mail to a real mail server: what arrives, how the connection is protected, and what its answers lead to.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { createLoader } from '../../src/app/parts.ts';
import type { CourierMessage } from '../../src/courier/message.ts';
import { createTestClock } from '../../src/lib/clock.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { openDatabase } from '../../src/store/open.ts';
import {
  aMail,
  type CourierOptions,
  reasonsOf,
  type Settled,
  settled,
  startCourier,
} from '../support/courier.ts';
import {
  type MailServer,
  type MailServerOptions,
  smtpAnswer,
  startMailServer,
} from '../support/mail-server.ts';
import { selfSignedCertificate } from '../support/self-signed.ts';
import { START_MS, sharedConfig, temporaryFile } from '../support/server.ts';

interface Desk {
  readonly server: MailServer;
  /** Queues and waits for the end, or for the first attempt. */
  readonly send: (of?: Partial<CourierMessage>, attempts?: number) => Promise<Settled>;
  readonly logged: readonly string[];
}

async function open(
  t: TestContext,
  of: {
    readonly server?: MailServerOptions;
    /** Address of the server, made of its port. */
    readonly uri?: (port: number) => string;
    readonly smtp?: JsonObject;
    readonly options?: Partial<CourierOptions>;
  } = {},
): Promise<Desk> {
  const server = await startMailServer(t, of.server);
  const clock = createTestClock(START_MS);
  const database = openDatabase({ dsn: 'memory', clock });
  await database.migrateUp();
  const { messages } = database.stores;
  const uri = of.uri?.(server.port) ?? `smtp://127.0.0.1:${server.port}/?disable_starttls=true`;
  const { logged } = startCourier(t, {
    messages,
    clock,
    courier: { smtp: { connection_uri: uri, from_address: 'desk@example.org', ...of.smtp } },
    ...of.options,
  });
  t.after(() => database.close());
  return {
    server,
    logged,
    send: async (message, attempts) => {
      const mail = aMail(message);
      await messages.insert(mail);
      return settled(messages, mail.id, attempts);
    },
  };
}

const only = <T>(list: readonly T[]): T => {
  assert.equal(list.length, 1);
  return list[0] as T; // there is one
};

test('a mail arrives with its sender, its texts and the headers of the configuration', async (t) => {
  const { send, server } = await open(t, {
    smtp: { from_name: 'Help “Desk”', headers: { 'X-Tenant': 'seven', 'Reply-To': 'help@example.org' } },
    options: {
      html: ({ templateData }) => Promise.resolve(`<b>${String(templateData['recovery_code'])}</b>`),
    },
  });
  const body = 'Zoë, your code:\n.\n.. 123456\n';
  const { message, dispatches } = await send({ subject: 'Your “code”', body });
  assert.equal(message.status, 'sent');
  assert.deepEqual(
    dispatches.map(({ status, error }) => [status, error]),
    [['success', null]],
  );
  const mail = only(server.mails);
  const { from, to } = mail;
  const parsed = await mail.parsed();
  assert.deepEqual([from, to], ['desk@example.org', ['ada@example.org']]);
  assert.equal(parsed.from?.text, '"Help “Desk”" <desk@example.org>');
  assert.equal(parsed.subject, 'Your “code”');
  assert.equal(parsed.text?.trimEnd(), body.trimEnd());
  assert.equal(parsed.html, '<b>123456</b>');
  assert.equal(parsed.headers.get('x-tenant'), 'seven');
  assert.equal(parsed.replyTo?.text, 'help@example.org');
  assert.equal(parsed.headers.get('auto-submitted'), 'auto-generated');
  assert.equal(parsed.messageId, `<${message.id}@example.org>`);
  assert.equal(parsed.date?.getTime(), START_MS);
});

test('HTML that cannot be made costs the looks, not the mail', async (t) => {
  const { send, server, logged } = await open(t, {
    options: { html: () => Promise.reject(new Error('the template is gone')) },
  });
  assert.equal((await send()).message.status, 'sent');
  const parsed = await only(server.mails).parsed();
  assert.equal(parsed.html, false);
  assert.match(parsed.text ?? '', /123456/);
  assert.match(logged.join(''), /the template is gone/);
});

test('copies are sent to Cc and Bcc, and nobody reads who else got one blindly', async (t) => {
  const headers = { CC: 'Audit <audit@example.org>, two@example.org', Bcc: 'archive@example.org' };
  const { send, server } = await open(t, { smtp: { headers } });
  await send();
  const mail = only(server.mails);
  const { to, raw } = mail;
  assert.deepEqual(to, ['ada@example.org', 'audit@example.org', 'two@example.org', 'archive@example.org']);
  assert.doesNotMatch(raw, /archive|^bcc/im);
  const { cc } = await mail.parsed();
  assert.equal(Array.isArray(cc) ? '' : cc?.value.length, 2);
});

test('a mail that only its copies took is not sent', async (t) => {
  const { send, server } = await open(t, {
    smtp: { headers: { Bcc: 'archive@example.org' } },
    server: {
      onRcptTo: ({ address }, _session, callback) =>
        callback(address.startsWith('ada') ? smtpAnswer(550, 'no such person') : null),
    },
  });
  const found = await send();
  assert.equal(found.message.status, 'abandoned');
  assert.match(String(reasonsOf(found)[0]), /550 no such person/);
  assert.deepEqual(only(server.mails).to, ['archive@example.org']);
});

test('nothing in a message can add a header or a recipient', async (t) => {
  const { send, server } = await open(t);
  await send({
    subject: 'Hi\r\nBcc: eve@evil.example\r\n\r\nbody',
    body: 'x\r\n.\r\nRCPT TO:<eve@evil.example>',
  });
  const mail = only(server.mails);
  const { to } = mail;
  const parsed = await mail.parsed();
  assert.deepEqual(to, ['ada@example.org']);
  assert.equal(parsed.bcc, undefined);
  assert.match(parsed.text ?? '', /RCPT TO/);
  for (const recipient of [
    'ada@example.org, eve@evil.example',
    'ada@example.org>\r\nRCPT TO:<eve@evil.example',
    'Ada <ada@example.org>',
    '',
    '+49301234567',
  ]) {
    const found = await send({ recipient });
    assert.equal(found.message.status, 'abandoned', recipient);
    assert.deepEqual(reasonsOf(found), ['The recipient is not an e-mail address.']);
  }
  assert.equal(server.mails.length, 1);
});

test('a refusal for good ends the message at once, one for now does not', async (t) => {
  const { send } = await open(t, {
    server: {
      judge: ({ to }) => {
        if (to[0]?.startsWith('for-good')) throw smtpAnswer(554, 'looks like spam');
        if (to[0]?.startsWith('for-now')) throw smtpAnswer(451, 'come back later');
      },
      onRcptTo: ({ address }, _session, callback) => {
        if (address.startsWith('unknown')) return callback(smtpAnswer(550, 'unknown person'));
        return callback(address.startsWith('full') ? smtpAnswer(452, 'mailbox full') : null);
      },
    },
  });
  for (const [name, status, reason] of [
    ['for-good', 'abandoned', /554 looks like spam/],
    ['unknown', 'abandoned', /550 unknown person/],
    ['for-now', 'queued', /451 come back later/],
    ['full', 'queued', /452 mailbox full/],
  ] as const) {
    const found = await send({ recipient: `${name}@example.org` }, 1);
    assert.equal(found.message.status, status, name);
    assert.match(String(reasonsOf(found)[0]), reason);
    const [dispatch] = found.dispatches;
    assert.deepEqual(
      [dispatch?.status, dispatch?.error?.['code'], dispatch?.error?.['status']],
      ['failed', 500, 'Internal Server Error'],
    );
  }
});

test('a server that is not there or says nothing is tried again', async (t) => {
  const nobody = await open(t, { uri: () => 'smtp://127.0.0.1:9/?disable_starttls=true' });
  const found = await nobody.send({}, 1);
  assert.equal(found.message.status, 'queued');
  assert.match(String(reasonsOf(found)[0]), /ECONNREFUSED/);
});

test('the server is signed in to, and a wrong password gives up no mail', async (t) => {
  const server: MailServerOptions = {
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, callback) =>
      username === 'desk@example.org' && password === 'p@ss/w%rd'
        ? callback(null, { user: username })
        : callback(smtpAnswer(535, 'who are you?')),
  };
  const uri = (password: string) => (port: number) =>
    `smtp://desk%40example.org:${encodeURIComponent(password)}@127.0.0.1:${port}/?disable_starttls=true`;
  const right = await open(t, { server, uri: uri('p@ss/w%rd') });
  assert.equal((await right.send()).message.status, 'sent');
  const wrong = await open(t, { server, uri: uri('wrong') });
  const found = await wrong.send({}, 1);
  assert.equal(found.message.status, 'queued');
  assert.match(String(reasonsOf(found)[0]), /535 who are you/);
  assert.doesNotMatch(JSON.stringify([found, wrong.logged]), /wrong@|:wrong/);
  assert.equal(wrong.server.mails.length, 0);
});

const certificate = selfSignedCertificate('mail.example.org');

test('without STARTTLS nothing is said to a server, unless that is switched off', async (t) => {
  let signIns = 0;
  const plain: MailServerOptions = {
    allowInsecureAuth: true,
    onAuth: (_auth, _session, callback) => {
      signIns += 1;
      callback(null, { user: 'x' });
    },
  };
  const { send, server } = await open(t, { server: plain, uri: (port) => `smtp://u:p@127.0.0.1:${port}/` });
  const found = await send({}, 1);
  assert.equal(found.message.status, 'queued');
  assert.deepEqual([server.mails.length, signIns], [0, 0]);
});

test('STARTTLS is used, and the certificate has to be good', async (t) => {
  const server: MailServerOptions = { ...certificate };
  const refusing = await open(t, { server, uri: (port) => `smtp://127.0.0.1:${port}/` });
  const found = await refusing.send({}, 1);
  assert.equal(found.message.status, 'queued');
  assert.match(String(reasonsOf(found)[0]), /self-signed/);
  assert.equal(refusing.server.mails.length, 0);

  const lax = await open(t, { server, uri: (port) => `smtp://127.0.0.1:${port}/?skip_ssl_verify=true` });
  assert.equal((await lax.send()).message.status, 'sent');
  assert.equal(only(lax.server.mails).session.secure, true);

  const file = await temporaryFile(t, 'authority.pem');
  writeFileSync(file, certificate.cert);
  const trusting = await open(t, {
    server,
    uri: (port) => `smtp://127.0.0.1:${port}/`,
    options: { certificateFile: file },
  });
  assert.equal((await trusting.send()).message.status, 'sent');
  const misnamed = await open(t, {
    server,
    uri: (port) => `smtp://127.0.0.1:${port}/?server_name=other.example.org`,
    options: { certificateFile: file },
  });
  assert.match(String(reasonsOf(await misnamed.send({}, 1))[0]), /other\.example\.org|altnames/);
});

test('smtps is encrypted from the first byte, and proves who we are where it is asked for', async (t) => {
  const [cert, key] = [await temporaryFile(t, 'cert.pem'), await temporaryFile(t, 'key.pem')];
  writeFileSync(cert, certificate.cert);
  writeFileSync(key, certificate.key);
  const server = {
    ...certificate,
    secure: true,
    requestCert: true,
    ca: certificate.cert,
  } as MailServerOptions;
  const uri = (port: number) => `smtps://127.0.0.1:${port}/?skip_ssl_verify=true`;
  const strict = { ...server, rejectUnauthorized: true } as MailServerOptions;
  const stranger = await open(t, { server: strict, uri });
  assert.equal((await stranger.send({}, 1)).message.status, 'queued');
  assert.equal(stranger.server.mails.length, 0);
  const known = await open(t, {
    server: strict,
    uri,
    smtp: { client_cert_path: cert, client_key_path: key },
  });
  assert.equal((await known.send()).message.status, 'sent');
  assert.equal(only(known.server.mails).session.secure, true);
});

test('servers in private networks are not spoken to where they are closed off', async (t) => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const { send, server } = await open(t, {
      uri: (port) => `smtp://${host}:${port}/?disable_starttls=true`,
      options: { clients: { smtp: { disallow_private_ip_ranges: true } } },
    });
    const found = await send({}, 1);
    assert.match(String(reasonsOf(found)[0]), /private network/, host);
    assert.equal(server.connections(), 0);
  }
});

test('the greeting holds the name of the configuration', async (t) => {
  const { send, server } = await open(t, { smtp: { local_name: 'id.example.org' } });
  await send();
  assert.equal(only(server.mails).session.hostNameAppearsAs, 'id.example.org');
});

test('settings that cannot be right are refused with their key, and without the password in them', () => {
  for (const [smtp, key] of [
    [{ connection_uri: 'smtp://desk:s%ecret@127.0.0.1/' }, 'courier.smtp.connection_uri'],
    [{ client_cert_path: '/cert.pem' }, 'courier.smtp.client_key_path'],
    [{ client_key_path: '/key.pem' }, 'courier.smtp.client_cert_path'],
  ] as const) {
    const load = () =>
      createLoader().load({ files: [], env: {}, base: sharedConfig('memory'), flags: { courier: { smtp } } });
    assert.throws(
      load,
      (error: Error) => error.message.includes(key) && !error.message.includes('ecret'),
      key,
    );
  }
});
