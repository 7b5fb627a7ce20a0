// Which flow does a page show, or where does the browser go instead?

import type { FlowDeps } from '../../flow/deps.ts';
import { fetchFlow } from '../../flow/engine/fetch.ts';
import type { Flow, FlowKind } from '../../flow/flow.ts';
import type { FlowRequest } from '../../flow/request.ts';
import type { Identity } from '../../identity/identity.ts';
import { withQuery } from '../../lib/url.ts';
import { ApiError } from '../../protocol/api-error.ts';

export type PageKind = Parameters<typeof fetchFlow>[1];

export type FoundFlow =
  | { readonly kind: 'flow'; readonly flow: Flow; readonly subject?: Identity }
  | { readonly kind: 'redirect'; readonly to: string };

/** Wishes that a start of a flow understands; a page that has to start again hands them on. */
const WISHES = [
  'return_to',
  'refresh',
  'aal',
  'login_challenge',
  'identity_schema',
  'locale',
  'ui_locales',
] as const;

/** Throws the refusals that a new start would not mend, such as a missing cookie. */
export async function findFlow(deps: FlowDeps, kind: PageKind, request: FlowRequest): Promise<FoundFlow> {
  const id = request.query.get('flow');
  const startAgain: FoundFlow = { kind: 'redirect', to: startUrl(deps, kind, wishesOf(request)) };
  if (!id) return startAgain;
  try {
    const { flow, subject } = await fetchFlow(deps, kind, { ...request, query: new URLSearchParams({ id }) });
    // A native app's form has no anti-CSRF token and cannot be sent from here, unless its link was opened in a browser.
    const isOver = flow.state === 'passed_challenge';
    if (flow.type !== 'browser' && flow.csrfDigest === undefined && !isOver) return startAgain;
    return { kind: 'flow', flow, ...(subject ? { subject } : {}) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const next = error.beside?.['use_flow_id'];
    if (error.status === 410 && typeof next === 'string') {
      return { kind: 'redirect', to: withQuery(deps.settings.uiUrl[kind], { flow: next }) };
    }
    // Signed out in the meantime: the start asks to sign in, and leads back.
    if (error.status === 404 || error.status === 401) return startAgain;
    if (error.goTo) return { kind: 'redirect', to: error.goTo.url };
    throw error;
  }
}

function wishesOf({ query }: FlowRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(
    WISHES.flatMap((name) => {
      const value = query.get(name);
      return value ? [[name, value]] : [];
    }),
  );
}

/** Where a browser starts a flow. */
export function startUrl(
  deps: FlowDeps,
  kind: FlowKind,
  wishes: Readonly<Record<string, string | undefined>> = {},
): string {
  return withQuery(`${deps.settings.publicUrl}self-service/${kind}/browser`, wishes);
}
