// The one place that turns what flows answer, and what they refuse, into responses.

import type { Flow, FlowKind } from '../../flow/flow.ts';
import type { CookieChanges, FlowResult } from '../../flow/result.ts';
import { flowToJson } from '../../flow/view.ts';
import { maskCsrf } from '../../form/csrf-token.ts';
import type { Identity } from '../../identity/identity.ts';
import type { JsonObject } from '../../lib/json.ts';
import { withQuery } from '../../lib/url.ts';
import { languagesOfAddress } from '../../locale/chosen.ts';
import type { Locale } from '../../locale/locale.ts';
import type { Locales } from '../../locale/locales.ts';
import type { ApiError } from '../../protocol/api-error.ts';
import { locationChangeRequired } from '../../protocol/refusals.ts';
import type { Cookies } from '../guard/cookies.ts';
import { DEVICE_HEADER } from '../guard/device-tokens.ts';
import { emptyAnswer, errorAnswer, type HttpAnswer, jsonAnswer, redirectAnswer } from './answer.ts';
import type { HttpContext } from './context.ts';
import { readContinuity, readKnownDevices } from './flow-request.ts';

export interface Responder {
  /** The answer of a flow to a request. */
  readonly result: (context: HttpContext, result: FlowResult) => Promise<HttpAnswer>;
  /** A flow as JSON, whatever the client accepts: for fetching. */
  readonly shown: (context: HttpContext, flow: Flow, subject?: Identity) => HttpAnswer;
  /** A refusal in JSON, or on the error page where a person looks at a browser (docs/protocol/http.md section 6). */
  readonly refusal: (context: HttpContext, error: ApiError, at: RefusalPoint) => Promise<HttpAnswer>;
}

/** start and submit are answered to people in browsers; `json` never is: native apps, fetching. */
export type RefusalPoint = 'start' | 'submit' | 'json';

export interface ResponderDeps {
  readonly cookies: Cookies;
  readonly publicUrl: string;
  readonly uiUrl: Readonly<Record<FlowKind | 'error', string>>;
  readonly nowMs: () => number;
  readonly locales: Pick<Locales, 'find' | 'english'>;
  /** Keeps an error for the error page and returns its id. */
  readonly keepError: (error: JsonObject) => Promise<string>;
}

export function createResponder(deps: ResponderDeps): Responder {
  return {
    result: async (context, result) => {
      const isShown = result.kind === 'refused' && result.isShown;
      const answer = isShown
        ? await refuse(deps, context, result.error, 'submit')
        : toAnswer(deps, context, result);
      return withCookies(deps, context, answer, result);
    },
    shown: (context, flow, subject) =>
      jsonAnswer(200, flowJson(deps, context, { flow, ...(subject ? { subject } : {}) })),
    refusal: (context, error, at) => refuse(deps, context, error, at),
  };
}

/** Clients translate by number, so they get English unless the flow was started in a language. */
function localeOfAnswer({ locales }: ResponderDeps, flow: Flow): Locale {
  return locales.find(languagesOfAddress(flow.requestUrl)) ?? locales.english;
}

interface ShownFlow {
  readonly flow: Flow;
  readonly subject?: Identity;
  readonly continueWith?: readonly JsonObject[];
  readonly cookies?: CookieChanges;
  readonly exchangeCode?: string;
}

function flowJson(deps: ResponderDeps, context: HttpContext, of: ShownFlow): JsonObject {
  const { publicUrl } = deps;
  const token = (): string => (of.cookies?.rotatesCsrf ? context.nextCsrfToken : context.csrf.token);
  return flowToJson(of.flow, {
    publicUrl,
    locale: localeOfAnswer(deps, of.flow),
    csrfToken: of.flow.csrfDigest === undefined ? '' : maskCsrf(token()),
    ...(of.subject ? { subject: of.subject } : {}),
    ...(of.continueWith ? { continueWith: of.continueWith } : {}),
    ...(of.exchangeCode ? { exchangeCode: of.exchangeCode } : {}),
  });
}

function toAnswer(deps: ResponderDeps, context: HttpContext, result: FlowResult): HttpAnswer {
  const { client, method } = context;
  switch (result.kind) {
    case 'started':
      return result.flow.type === 'api' || client.acceptsJson
        ? jsonAnswer(200, flowJson(deps, context, result))
        : redirectAnswer(303, flowPage(deps, result.flow), method);
    case 'form': {
      const { flow } = result;
      if (flow.type === 'api' || client.isJson) {
        return jsonAnswer(result.jsonStatus, flowJson(deps, context, result));
      }
      // Kratos answers a refused registration with 302 and everything else with 303 (docs/protocol/http.md 1.1).
      const status = flow.kind === 'registration' && result.isRejected ? 302 : 303;
      return redirectAnswer(status, result.goTo ?? flowPage(deps, flow), method);
    }
    case 'goto':
      return client.isJson || result.isNative
        ? errorAnswer(locationChangeRequired(result.url), context.sentRequestId)
        : redirectAnswer(result.status ?? 303, result.url, method);
    case 'moved':
      return redirectAnswer(303, result.url, method);
    case 'done':
      return result.goTo === undefined || client.isJson
        ? jsonAnswer(200, result.json)
        : redirectAnswer(303, result.goTo, method);
    case 'left': {
      const isEmpty = result.goTo === undefined || client.isJson;
      const answer = isEmpty ? emptyAnswer : redirectAnswer(303, result.goTo, method);
      if (!result.clearsBrowserData) return answer;
      return {
        ...answer,
        headers: { ...answer.headers, 'Clear-Site-Data': '"cookies", "storage", "cache"' },
      };
    }
    case 'refused': {
      const { error } = result;
      return error.goTo && !client.isJson
        ? redirectAnswer(error.goTo.status, error.goTo.url, method)
        : errorAnswer(error, context.sentRequestId);
    }
    default:
      return result satisfies never;
  }
}

function flowPage(deps: ResponderDeps, flow: Flow): string {
  return withQuery(deps.uiUrl[flow.kind], { flow: flow.id });
}

function withCookies(
  { cookies, nowMs }: ResponderDeps,
  context: HttpContext,
  answer: HttpAnswer,
  result: FlowResult,
): HttpAnswer {
  const changes = 'cookies' in result ? result.cookies : undefined;
  const appOf = 'knownTo' in result ? result.knownTo : undefined;
  if (appOf !== undefined && cookies.devices.lifespanMs > 0) {
    const token = cookies.devices.write(readKnownDevices(context, cookies), appOf);
    return { ...answer, headers: { ...answer.headers, [DEVICE_HEADER]: token } };
  }
  if (!changes) return answer;
  // The session comes last: there are clients that keep the last line only.
  const lines: string[] = [];
  const csrf = csrfLine(cookies, context, changes);
  if (csrf) lines.push(csrf);
  if (changes.continuity) {
    lines.push(cookies.continuity({ ...readContinuity(context, cookies), ...changes.continuity }));
  }
  if (changes.session === 'clear') lines.push(cookies.clearSession());
  else if (changes.session) lines.push(cookies.session(changes.session, nowMs()));
  return { ...answer, cookies: lines };
}

/** A new token keeps what is known of the device. A device that becomes known under its old token gets that again. */
function csrfLine(
  cookies: Cookies,
  context: HttpContext,
  { rotatesCsrf, knownTo }: CookieChanges,
): string | undefined {
  const held = readKnownDevices(context, cookies);
  const isNew = knownTo !== undefined && !held.some(({ identityId }) => identityId === knownTo);
  if (!rotatesCsrf && !(isNew && cookies.devices.lifespanMs > 0)) return undefined;
  const token = rotatesCsrf ? context.nextCsrfToken : context.csrf.token;
  return cookies.csrf(token, cookies.devices.write(held, knownTo));
}

async function refuse(
  deps: ResponderDeps,
  context: HttpContext,
  error: ApiError,
  at: RefusalPoint,
): Promise<HttpAnswer> {
  const { client, method, sentRequestId } = context;
  if (at === 'json' || client.isJson) return errorAnswer(error, sentRequestId);
  if (error.goTo) return redirectAnswer(error.goTo.status, error.goTo.url, method);
  const { error: envelope } = error.toEnvelope(sentRequestId);
  const id = await deps.keepError(envelope as JsonObject); // the envelope's `error` is an object
  if (client.acceptsJson) return errorAnswer(error, sentRequestId);
  return redirectAnswer(303, withQuery(deps.uiUrl.error, { id }), method);
}
