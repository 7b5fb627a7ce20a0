// The mailbox of development mode, where codes and links can be read. It opens on this machine only.

import { isLoopback } from '../../../lib/loopback.ts';
import type { Inbox } from '../../../pages/inbox/inbox.ts';
import { notFound } from '../../../protocol/refusals.ts';
import { type HttpAnswer, jsonAnswer, textAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import type { Route } from '../../port/route.ts';

export interface DevInboxDeps {
  readonly inbox: Inbox;
  /** Where it is mounted. */
  readonly path: string;
  /** An address under which it opens, for those who came by another one. */
  readonly url: string;
  /** Of every page. */
  readonly pageHeaders: Readonly<Record<string, string>>;
}

export function devInboxRoutes({ inbox, path, url, pageHeaders }: DevInboxDeps): readonly Route[] {
  const guarded =
    (handle: Route['handle']): Route['handle'] =>
    async (context) =>
      isOwnMachine(context) ? handle(context) : refusal(url);
  return [
    {
      method: 'GET',
      path: `/${path}`,
      handle: guarded(async (context) => {
        const recipient = (context.query.get('recipient') ?? '').trim().toLowerCase();
        if (context.client.acceptsJson) return jsonAnswer(200, await inbox.json(recipient));
        return { status: 200, headers: pageHeaders, body: await inbox.page(recipient) };
      }),
    },
    {
      method: 'GET',
      path: `/${path}/{id}`,
      handle: guarded(async ({ params }) => {
        const html = await inbox.html(params['id'] ?? '');
        if (html === undefined) throw notFound('This message has no HTML part.');
        return { status: 200, headers: MAIL_HEADERS, body: html };
      }),
    },
  ];
}

/**
 * Three ways in from elsewhere are closed. Another machine: by the address of the connection, and by what a proxy or tunnel
 * on this machine says of where it comes from. A page of another site whose name was made to point here (DNS rebinding): by
 * the Host header, which then has that name. A script of another origin: by the headers that browsers add, whatever CORS allows.
 */
function isOwnMachine(context: HttpContext): boolean {
  const { header, clientIp } = context;
  const host = URL.parse(context.sentOrigin);
  if (!host || !isLoopback(host.hostname) || !isLoopback(clientIp)) return false;
  const forwardedFor = (header('x-forwarded-for') ?? '').split(',').map((part) => part.trim());
  if (header('forwarded') !== undefined || forwardedFor.some((ip) => ip !== '' && !isLoopback(ip)))
    return false;
  const origin = header('origin');
  if (origin !== undefined && origin !== host.origin) return false;
  const site = header('sec-fetch-site') ?? 'none';
  return site === 'none' || site === 'same-origin' || header('sec-fetch-mode') === 'navigate';
}

const refusal = (url: string): HttpAnswer =>
  textAnswer(
    403,
    `The mailbox holds codes and links, so it opens only on the machine that runs Bia, at ${url}`,
  );

/** A mail may have styles and pictures of its own, and neither scripts nor our origin. */
const MAIL_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
};
