// What a client is told of settings that were saved, and where a browser goes.
import type { FullIdentity } from '../../identity/identity.ts';
import type { FlowDeps } from '../deps.ts';
import { returnUrl } from '../engine/start.ts';
import type { Submission } from '../engine/submission.ts';
import type { BegunVerification } from '../hook/contract.ts';
import type { AfterSummary, HookSummary } from '../hook/run.ts';
import type { ContinueWith } from '../method/outcome.ts';
import type { FlowResult } from '../result.ts';
import type { SignedIn } from '../session/signed-in.ts';
import { showVerification } from '../verification/begin.ts';

export function settingsAnswer(
  deps: FlowDeps,
  of: Submission & {
    readonly active: SignedIn;
    readonly identity: FullIdentity;
    readonly begun: readonly BegunVerification[];
    readonly hooks: HookSummary;
    readonly after: AfterSummary;
  },
): FlowResult {
  const { flow, active } = of;
  const named = deps.settings.namesEveryVerification
    ? of.begun.map((begun) => showVerification(begun, flow.type))
    : [];
  const fromHooks: readonly ContinueWith[] = [...of.hooks.continueWith, ...named, ...of.after.continueWith];
  const form = { kind: 'form', flow, subject: of.identity, jsonStatus: 200 } as const;
  if (flow.type === 'api') return { ...form, ...(fromHooks.length > 0 ? { continueWith: fromHooks } : {}) };
  const own = deps.settings.afterUrls.settings;
  const page = new URL(deps.settings.uiUrl.settings);
  page.searchParams.set('flow', flow.id);
  const returnTo = returnUrl(
    deps,
    flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to'),
    own.byMethod[of.method] ?? own.all ?? page.href,
  );
  const next: ContinueWith = { action: 'redirect_browser_to', redirect_browser_to: returnTo };
  return {
    ...form,
    continueWith: [...fromHooks, next],
    goTo: of.after.goTo ?? returnTo,
    ...(active.from === 'cookie'
      ? { cookies: { session: { token: active.token, expiresAtMs: active.session.expiresAtMs } } }
      : {}),
  };
}
