// A flow as clients see it (docs/protocol/http.md 2.2).

import { type Node, setValue } from '../form/node.ts';
import type { Identity } from '../identity/identity.ts';
import { identityToJson } from '../identity/view.ts';
import { toRfc3339 } from '../lib/clock.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Locale } from '../locale/locale.ts';
import { translateForm } from '../locale/translate-form.ts';
import type { Message } from '../protocol/message.ts';
import type { Flow } from './flow.ts';

export interface FlowView {
  readonly publicUrl: string;
  /** The masked anti-CSRF token of this answer; empty in flows for native apps. */
  readonly csrfToken: string;
  /** The person of a settings flow. */
  readonly subject?: Identity;
  readonly continueWith?: readonly JsonObject[];
  readonly exchangeCode?: string;
  /** The language of its texts; English as the code says it where it is left out. */
  readonly locale?: Pick<Locale, 'message'> | undefined;
}

export function flowToJson(flow: Flow, view: FlowView): JsonObject {
  const { returnTo, active, identitySchema } = flow;
  const hasOrganization = flow.kind === 'login' || flow.kind === 'registration' || flow.kind === 'settings';
  return {
    id: flow.id,
    ...(hasOrganization ? { organization_id: null } : {}),
    type: flow.type,
    expires_at: toRfc3339(flow.expiresAtMs),
    issued_at: toRfc3339(flow.issuedAtMs),
    request_url: flow.requestUrl,
    ...(returnTo === undefined ? {} : { return_to: returnTo }),
    ...(active === undefined || active === '' ? {} : { active }),
    ui: formToJson(flow, view),
    state: flow.state,
    ...(flow.kind === 'login' ? loginFields(flow) : {}),
    ...challengeFields(flow),
    ...(flow.trial ? { test_context: flow.trial.shown } : {}),
    ...(view.exchangeCode === undefined ? {} : { session_token_exchange_code: view.exchangeCode }),
    ...(identitySchema === undefined ? {} : { identity_schema: identitySchema }),
    ...(view.subject ? { identity: identityToJson(view.subject, view) } : {}),
    ...(flow.transientPayload ? { transient_payload: flow.transientPayload } : {}),
    ...(view.continueWith && view.continueWith.length > 0 ? { continue_with: view.continueWith } : {}),
  };
}

/** Verifications keep a challenge too, but do not show it. */
function challengeFields({ kind, loginChallenge }: Flow): JsonObject {
  if (!loginChallenge || (kind !== 'login' && kind !== 'registration')) return {};
  const { challenge, request } = loginChallenge;
  return { oauth2_login_challenge: challenge, oauth2_login_request: request };
}

function loginFields(flow: Flow): JsonObject {
  return {
    created_at: toRfc3339(flow.issuedAtMs),
    updated_at: toRfc3339(flow.issuedAtMs),
    refresh: flow.refresh,
    requested_aal: flow.requestedAal,
  };
}

export interface ShownForm {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  readonly nodes: readonly Node[];
  readonly messages: readonly Message[];
}

/** The form as it is shown: with its address and, for browsers, the anti-CSRF token of this answer. */
export function formToShow(
  { id, kind, csrfDigest, form }: Flow,
  view: Pick<FlowView, 'publicUrl' | 'csrfToken' | 'locale'>,
): ShownForm {
  const shown: ShownForm = {
    action: form.goesTo?.action ?? `${view.publicUrl}self-service/${kind}?flow=${id}`,
    method: form.goesTo?.method ?? 'POST',
    nodes: csrfDigest === undefined ? form.nodes : setValue(form.nodes, 'csrf_token', view.csrfToken),
    messages: form.messages,
  };
  return view.locale ? translateForm(shown, view.locale) : shown;
}

function formToJson(flow: Flow, view: FlowView): JsonObject {
  const { action, method, nodes, messages } = formToShow(flow, view);
  return {
    action,
    method,
    nodes: nodes.map(nodeToJson),
    ...(messages.length > 0 ? { messages: messages.map((message) => ({ ...message })) } : {}),
  };
}

function nodeToJson(node: Node): JsonObject {
  // Attributes are plain JSON already; the union of their kinds is what the type checker cannot see through.
  const attributes = { ...node.attributes } as unknown as JsonObject;
  return {
    type: node.type,
    group: node.group,
    attributes,
    messages: node.messages.map((message) => ({ ...message })),
    meta: node.meta.label ? { label: { ...node.meta.label } } : {},
  };
}
