// Mounts the built-in pages: strict rules for what a page may load, and an error page in place of JSON.

import type { PageAnswer, PageRoute } from '../../../pages/frame/route.ts';
import { ApiError } from '../../../protocol/api-error.ts';
import type { Cookies } from '../../guard/cookies.ts';
import { type HttpAnswer, redirectAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import { toFlowRequest } from '../../port/flow-request.ts';
import type { Responder } from '../../port/respond.ts';
import type { Route } from '../../port/route.ts';

export interface PageMountDeps {
  readonly pages: readonly PageRoute[];
  readonly cookies: Cookies;
  readonly responder: Responder;
  /** Origins that a page may show pictures of, such as the logo's. */
  readonly imageOrigins: readonly string[];
}

export function pageRoutes(deps: PageMountDeps): readonly Route[] {
  const headers = pageHeaders(deps.imageOrigins);
  return deps.pages.map(
    (page): Route => ({
      method: page.method,
      path: page.path,
      bucket: page.method === 'POST' ? 'low' : 'high',
      handle: async (context) => {
        try {
          const request = await toFlowRequest(context, deps.cookies);
          return toAnswer(await page.handle(request, context.params), context, headers);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          return deps.responder.refusal(context, error, 'submit');
        }
      },
    }),
  );
}

/**
 * Nothing but our own stylesheet, script and pictures. `form-action` is left open: browsers apply it to redirects after a
 * submission too, and those lead to the operator's applications.
 */
export function pageHeaders(imageOrigins: readonly string[]): Readonly<Record<string, string>> {
  const images = ["'self'", 'data:', ...imageOrigins].join(' ');
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'self'; script-src 'self'; img-src ${images}; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'X-Frame-Options': 'DENY',
  };
}

function toAnswer(
  answer: PageAnswer,
  context: HttpContext,
  headers: Readonly<Record<string, string>>,
): HttpAnswer {
  switch (answer.kind) {
    case 'html':
      return { status: answer.status, headers, body: answer.html };
    case 'redirect':
      return redirectAnswer(303, answer.to, context.method);
    case 'asset':
      return {
        status: 200,
        headers: {
          'Content-Type': answer.contentType,
          'X-Content-Type-Options': 'nosniff',
          'Cache-Control': 'public, max-age=31536000, immutable',
        },
        body: answer.body,
      };
    default:
      return answer satisfies never;
  }
}
