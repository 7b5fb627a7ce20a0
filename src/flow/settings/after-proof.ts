// The settings that follow a proof: a new password, and word of what happened.
import { tokenDigest } from '../../lib/secret.ts';
import type { Message } from '../../protocol/message.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow, FlowType } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import { newSettingsFlow } from './create.ts';
import type { SettingsOwner } from './nodes.ts';

/** Not stored yet. It belongs to the browser of the request as that will be after the answer. */
export async function settingsAfterProof(
  deps: FlowDeps,
  of: {
    readonly owner: SettingsOwner;
    readonly request: FlowRequest;
    readonly type: FlowType;
    readonly returnTo: string | undefined;
    readonly messages: readonly Message[];
  },
): Promise<Flow> {
  const { request, returnTo } = of;
  const query = new URLSearchParams(returnTo === undefined ? {} : { return_to: returnTo });
  const url = returnTo === undefined ? request.url : withReturnTo(request.url, returnTo);
  const made = await newSettingsFlow(deps, of.type, {
    owner: of.owner,
    request: { ...request, url, query },
  });
  return {
    ...made,
    ...(of.type === 'browser' ? { csrfDigest: tokenDigest(request.nextCsrfToken) } : {}),
    form: { ...made.form, messages: of.messages },
  };
}

function withReturnTo(address: string, returnTo: string): string {
  const url = new URL(address);
  url.searchParams.set('return_to', returnTo);
  url.searchParams.sort();
  return url.href;
}
