// The button that signs out: a form, so that nothing which follows links ahead of time presses it.
import type { FlowDeps } from '../../flow/deps.ts';
import type { FlowRequest } from '../../flow/request.ts';
import { createLogout } from '../../flow/session/logout.ts';
import { type Markup, markup } from '../frame/markup.ts';

/** For a request that carries an active session. */
export async function renderSignOut(deps: FlowDeps, request: FlowRequest, label: string): Promise<Markup> {
  const result = await createLogout(deps, { ...request, query: new URLSearchParams() });
  if (result.kind !== 'done') throw new Error(`signing out was prepared as ${result.kind}`);
  const url = new URL(String(result.json['logout_url']));
  const inputs = [...url.searchParams].map(
    ([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`,
  );
  return markup`<form action="${url.origin}${url.pathname}" method="get" class="inline">${inputs}<button type="submit" class="button quiet">${label}</button></form>`;
}
