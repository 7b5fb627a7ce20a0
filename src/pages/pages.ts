// The built-in pages as routes. A page that the operator has built instead is not mounted.
import type { FlowDeps } from '../flow/deps.ts';
import type { Flow, FlowKind } from '../flow/flow.ts';
import type { FlowRequest } from '../flow/request.ts';
import { activeSession } from '../flow/session/signed-in.ts';
import type { Identity } from '../identity/identity.ts';
import { isJsonObject } from '../lib/json.ts';
import { wishesOf } from '../locale/chosen.ts';
import { languageTag } from '../locale/language.ts';
import type { Locales } from '../locale/locales.ts';
import { REVOKE_PATH, renderAccountPage } from './account/account-page.ts';
import { asksForNewPassword, renderNewPasswordPage } from './account/new-password-page.ts';
import { revokeFromPage } from './account/revoke-page.ts';
import { findShownError, renderErrorPage } from './error-page.ts';
import { findFlow, type PageKind, startUrl } from './flow/find-flow.ts';
import { type FlowPageDeps, renderFlowPage } from './flow/flow-page.ts';
import { createAssets } from './frame/assets.ts';
import type { Frame } from './frame/layout.ts';
import type { Look } from './frame/look.ts';
import type { PageAnswer, PageRoute } from './frame/route.ts';
import { renderWelcomePage } from './welcome-page.ts';

export interface PageDeps {
  readonly flow: FlowDeps;
  readonly look: Look;
  readonly locales: Locales;
  /** Whether messages go to phones too. */
  readonly hasSms: boolean;
  /** Where messages appear in development, when nothing is sent. */
  readonly mailboxUrl?: string;
}

/** Each flow that has a page. */
const FLOW_PAGES: readonly PageKind[] = ['login', 'registration', 'settings', 'recovery', 'verification'];

/** `frame` is for pages that are no page of a flow. */
export function createPages({ flow, look, locales, hasSms, mailboxUrl }: PageDeps): {
  readonly routes: readonly PageRoute[];
  readonly frame: Frame;
} {
  const assets = createAssets(look);
  const basePath = new URL(flow.settings.publicUrl).pathname;
  const frame: Frame = { look, assets, basePath, locale: locales.fallback };
  const inUse = flow.methods.find(({ name }) => name === flow.settings.verificationMethod);
  const verifiesPhones = hasSms && inUse?.handlers.verification?.reachesPhones === true;
  const deps: PagesDeps = {
    locales,
    flow,
    frame,
    verifiesPhones,
    ...(mailboxUrl === undefined ? {} : { mailboxUrl }),
  };
  const pages = [
    ...FLOW_PAGES.filter((kind) => isBuiltIn(flow, kind)).map((kind) => flowRoute(deps, kind)),
    ...(isBuiltIn(flow, 'settings') ? [revokeRoute(deps)] : []),
    ...(isBuiltIn(flow, 'login') ? [frontRoute(deps)] : []),
    ...(isBuiltIn(flow, 'error') ? [errorRoute(deps)] : []),
  ];
  // The mailbox wears the same clothes, also where the operator has built all pages.
  const isWorn = pages.length > 0 || mailboxUrl !== undefined;
  return { frame, routes: isWorn ? [...pages, ...assets.routes] : [] };
}

function isBuiltIn({ settings }: FlowDeps, page: FlowKind | 'error'): boolean {
  return settings.uiUrl[page] === `${settings.publicUrl}ui/${page}`;
}

const page = (html: string, status = 200): PageAnswer => ({ kind: 'html', status, html });

type PagesDeps = FlowPageDeps & { readonly locales: Locales };

/** The page's own address asks first, then that of its flow, an application's sign-in, the profile, and the browser. */
function inLanguage(
  deps: PagesDeps,
  request: FlowRequest,
  found: { readonly flow?: Flow; readonly subject?: Identity } = {},
): FlowPageDeps {
  const { flow, subject } = found;
  const wishes = [
    ...wishesOf({ addresses: [request.url, flow?.requestUrl] }),
    ...applicationLanguages(flow),
    ...wishesOf({ traits: subject?.traits, headers: request.forwardedHeaders }),
  ];
  const locale = deps.locales.find(wishes) ?? deps.locales.fallback;
  return { ...deps, frame: { ...deps.frame, locale } };
}

/** An OAuth2 server passes on what its client asked for. */
function applicationLanguages(flow: Flow | undefined): readonly string[] {
  const context = flow?.loginChallenge?.request['oidc_context'];
  const tags = isJsonObject(context) ? context['ui_locales'] : undefined;
  return Array.isArray(tags) ? tags.flatMap((tag) => languageTag(tag) ?? []) : [];
}

function flowRoute(deps: PagesDeps, kind: PageKind): PageRoute {
  return {
    method: 'GET',
    path: `/ui/${kind}`,
    handle: async (request) => {
      const found = await findFlow(deps.flow, kind, request);
      if (found.kind === 'redirect') return found;
      const read = inLanguage(deps, request, found);
      if (kind !== 'settings') return page(await renderFlowPage(read, found.flow, request));
      const html = asksForNewPassword(found.flow)
        ? renderNewPasswordPage(read, found, request)
        : await renderAccountPage(read, found, request);
      return page(html);
    },
  };
}

function revokeRoute(deps: FlowPageDeps): PageRoute {
  return {
    method: 'POST',
    path: `/${REVOKE_PATH}`,
    handle: (request) => revokeFromPage(deps.flow, request),
  };
}

function frontRoute(deps: PagesDeps): PageRoute {
  const { flow } = deps;
  return {
    method: 'GET',
    path: '/',
    handle: async (request) => {
      const active = await activeSession(flow, request.credentials);
      return active
        ? { kind: 'redirect', to: startUrl(flow, 'settings') }
        : page(renderWelcomePage(flow, inLanguage(deps, request).frame, request));
    },
  };
}

function errorRoute(deps: PagesDeps): PageRoute {
  const { flow } = deps;
  return {
    method: 'GET',
    path: '/ui/error',
    handle: async (request) => {
      const shown = await findShownError(flow, request.query.get('id'));
      return page(renderErrorPage(inLanguage(deps, request).frame, shown), shown ? 200 : 404);
    },
  };
}
