// The built-in pages as routes. A page that the operator has built instead is not mounted.
import type { FlowDeps } from '../flow/deps.ts';
import type { FlowKind } from '../flow/flow.ts';
import { activeSession } from '../flow/session/signed-in.ts';
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
  /** Whether messages go to phones too. */
  readonly hasSms: boolean;
  /** Where messages appear in development, when nothing is sent. */
  readonly mailboxUrl?: string;
}

/** Each flow that has a page. */
const FLOW_PAGES: readonly PageKind[] = ['login', 'registration', 'settings', 'recovery', 'verification'];

/** `frame` is for pages that are no page of a flow. */
export function createPages({ flow, look, hasSms, mailboxUrl }: PageDeps): {
  readonly routes: readonly PageRoute[];
  readonly frame: Frame;
} {
  const assets = createAssets(look);
  const basePath = new URL(flow.settings.publicUrl).pathname;
  const frame: Frame = { look, assets, basePath };
  const inUse = flow.methods.find(({ name }) => name === flow.settings.verificationMethod);
  const verifiesPhones = hasSms && inUse?.handlers.verification?.reachesPhones === true;
  const deps: FlowPageDeps = {
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

function flowRoute(deps: FlowPageDeps, kind: PageKind): PageRoute {
  return {
    method: 'GET',
    path: `/ui/${kind}`,
    handle: async (request) => {
      const found = await findFlow(deps.flow, kind, request);
      if (found.kind === 'redirect') return found;
      if (kind !== 'settings') return page(await renderFlowPage(deps, found.flow, request));
      const html = asksForNewPassword(found.flow)
        ? renderNewPasswordPage(deps, found, request)
        : await renderAccountPage(deps, found, request);
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

function frontRoute({ flow, frame }: FlowPageDeps): PageRoute {
  return {
    method: 'GET',
    path: '/',
    handle: async (request) => {
      const active = await activeSession(flow, request.credentials);
      return active
        ? { kind: 'redirect', to: startUrl(flow, 'settings') }
        : page(renderWelcomePage(flow, frame));
    },
  };
}

function errorRoute({ flow, frame }: FlowPageDeps): PageRoute {
  return {
    method: 'GET',
    path: '/ui/error',
    handle: async (request) => {
      const shown = await findShownError(flow, request.query.get('id'));
      return page(renderErrorPage(frame, shown), shown ? 200 : 404);
    },
  };
}
