// Keeps pages of other sites from using a person's browser to reach the admin port, which has no other lock.
import { isIP } from 'node:net';
import { isLoopback } from '../../lib/loopback.ts';
import { createOwnOrigins } from '../../lib/own-origins.ts';
import type { ApiError } from '../../protocol/api-error.ts';
import { badRequest, forbidden } from '../../protocol/refusals.ts';
import type { HttpContext } from '../port/context.ts';

type Checked = Pick<HttpContext, 'header' | 'path' | 'sentOrigin'>;

/** The refusal of a request, or undefined where it may pass. */
export type Guard = (request: Checked) => ApiError | undefined;

/**
 * Two ways lead from a page to this port. It sends a request to the port's own address: then the browser says from which
 * origin. Or its name is made to point here (DNS rebinding), so that the browser takes both for one origin: then the Host
 * header has that name. Programs send neither `Origin` nor `Sec-Fetch-Site` and are asked for nothing.
 */
export function createForeignPageGuard(adminUrl: string, allowedOrigins: readonly string[]): Guard {
  const own = createOwnOrigins(adminUrl, allowedOrigins);
  const isKnownHost = ({ hostname, host, protocol }: URL): boolean =>
    isLoopback(hostname) ||
    isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 ||
    own.find(protocol.slice(0, -1), host) !== undefined;
  const isOwnOrigin = (origin: string, sentOrigin: string): boolean => {
    const { protocol, host } = URL.parse(origin) ?? {};
    if (protocol === undefined || host === undefined) return false;
    return origin === sentOrigin || own.find(protocol.slice(0, -1), host) === origin;
  };
  return (request) => {
    const { header, sentOrigin } = request;
    if (ALIVE.test(request.path)) return undefined;
    const host = URL.parse(sentOrigin);
    const origin = header('origin');
    const site = header('sec-fetch-site');
    if (origin === undefined && site === undefined) {
      const isRebound = looksLikeBrowser(header) && host && !isKnownHost(host) && isPublicName(host.hostname);
      return isRebound ? FOREIGN_HOST() : undefined;
    }
    if (!host || !isKnownHost(host)) return FOREIGN_HOST();
    const isOwn =
      origin === undefined ? site === 'same-origin' || site === 'none' : isOwnOrigin(origin, sentOrigin);
    if (!isOwn) return FOREIGN_ORIGIN();
    // What a form of any page can send needs no permission of a browser; JSON does.
    return hasBody(header) && !isJson(header('content-type')) ? NOT_JSON() : undefined;
  };
}

/** Tells nothing, so that whoever watches may ask from anywhere. */
const ALIVE = /^(?:\/admin)?\/health\/alive$/;

const FOREIGN_HOST = (): ApiError =>
  forbidden(
    'A browser sent this under a host name that is not of the admin port. If it is yours, set serve.admin.base_url or serve.admin.allowed_origins.',
  );
const FOREIGN_ORIGIN = (): ApiError =>
  forbidden(
    'A page of another origin sent this. If it is an administration page of yours, name its origin in serve.admin.allowed_origins.',
  );
const NOT_JSON = (): ApiError => badRequest('The request must have the content type application/json.');

/**
 * To addresses without TLS browsers send no `Sec-Fetch-Site`, and no `Origin` with a GET. Most of them let no script change
 * these two headers, and programs that have them do not have a stranger's name in `Host`.
 */
function looksLikeBrowser(header: Checked['header']): boolean {
  return /^Mozilla\//.test(header('user-agent') ?? '') || !/^\*?$/.test(header('accept-language') ?? '');
}

/** A name that somebody can have on the internet; names inside of a network end otherwise. */
function isPublicName(hostname: string): boolean {
  return hostname.includes('.') && !/\.(?:local|internal|lan|localdomain|home\.arpa)$/.test(hostname);
}

function hasBody(header: Checked['header']): boolean {
  return Number(header('content-length') ?? 0) > 0 || header('transfer-encoding') !== undefined;
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '');
}
