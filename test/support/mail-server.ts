// A real mail server on this machine that keeps what it takes, and fails as a test tells it to.
import type { AddressInfo, Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import type { TestScope } from './server.ts';

export interface KeptMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly session: SMTPServerSession;
  readonly raw: string;
  /** Read when somebody asks: it takes longer than the mail took to come. */
  readonly parsed: () => Promise<ParsedMail>;
}

export interface MailServer {
  readonly port: number;
  readonly mails: readonly KeptMail[];
  /** Connections so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
  /** Hangs up on everybody without a word. */
  readonly kill: () => Promise<void>;
}

/** An answer that ends the command that it is given to. */
export const smtpAnswer = (responseCode: number, text: string): Error =>
  Object.assign(new Error(text), { responseCode });

export interface MailServerOptions extends SMTPServerOptions {
  readonly port?: number;
  /** Looks at a mail before it is taken; what it throws is the answer. */
  readonly judge?: (of: {
    readonly to: readonly string[];
    readonly raw: string;
    readonly session: SMTPServerSession;
  }) => void | Promise<void>;
}

/** Without certificate and accounts unless the options bring them along. */
export async function startMailServer(
  scope: TestScope,
  { port = 0, judge, ...options }: MailServerOptions = {},
): Promise<MailServer> {
  const mails: KeptMail[] = [];
  let connections = 0;
  const server = new SMTPServer({
    authOptional: options.onAuth === undefined,
    disabledCommands: [...(options.onAuth ? [] : ['AUTH']), ...(options.key ? [] : ['STARTTLS'])],
    logger: false,
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect: (_session, callback) => {
      connections += 1;
      callback();
    },
    onData: (stream, session, callback) => {
      void (async () => {
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of stream) chunks.push(chunk as Buffer); // what a socket brings
          const raw = Buffer.concat(chunks).toString();
          const { mailFrom, rcptTo } = session.envelope;
          const to = rcptTo.map(({ address }) => address);
          await judge?.({ to, raw, session });
          const from = mailFrom ? mailFrom.address : '';
          mails.push({ from, to, session, raw, parsed: () => simpleParser(raw) });
          callback();
        } catch (error) {
          callback(error instanceof Error ? error : new Error(String(error)));
        }
      })();
    },
    ...options,
  });
  // Tests hang up on it, and it on them.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= new Promise<void>((resolve) => server.close(() => resolve()));
    return closed;
  };
  scope.after(close);
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const kill = (): Promise<void> => {
    const gone = close();
    for (const socket of sockets) socket.destroy();
    return gone;
  };
  // It listens on a port, so its address is not the path of a socket.
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    connections: () => connections,
    close,
    kill,
  };
}
