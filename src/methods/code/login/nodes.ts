// The form nodes of signing in by code: an identifier or a button for each address, then the field for the code.

import type { Flow } from '../../../flow/flow.ts';
import type { LoginStage } from '../../../flow/method/contract.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import {
  append,
  csrfNode,
  input,
  methodButton,
  type Node,
  type NodeEdit,
  upsert,
} from '../../../form/node.ts';
import type { FullIdentity } from '../../../identity/identity.ts';
import { isJsonObject, type Json } from '../../../lib/json.ts';
import * as core from '../../../protocol/messages.ts';
import { badRequest } from '../../../protocol/refusals.ts';
import { normaliseIdentifier } from '../../../schema/normalise.ts';
import type { CodeConfig } from '../config.ts';
import { type CodeAddress, codeAddresses } from '../credential.ts';
import * as messages from '../messages.ts';
import { codeField, hiddenMethod, NAME, resendCodeButton, submitButton } from '../nodes.ts';
import { secondFactorAddresses } from '../recipient.ts';

/** What the method adds to a login form at one stage. */
export function loginNodes(
  deps: MethodDeps,
  config: CodeConfig,
  { stage, flow }: { readonly stage: LoginStage; readonly flow: Flow },
): readonly NodeEdit[] {
  if (stage.kind === 'second-factor') {
    return config.mfa_enabled ? offeredAddresses(config, stage.identity, flow).map(addressButton) : [];
  }
  if (!config.passwordless_enabled) return [];
  const sendButton = append(methodButton(NAME, NAME, messages.sendLoginCode()));
  switch (stage.kind) {
    case 'first-factor':
      return [identifierField(stage.identifierLabel), sendButton];
    case 'first-factor-refresh':
      return deps.features.choosesRefreshAddress
        ? codeAddresses(stage.identity.credentials[NAME]).map(addressButton)
        : [identifierField(stage.identifierLabel), sendButton];
    case 'credentials':
      return stage.isConcealed || canReceive(config, stage.identity) ? [sendButton] : [];
    case 'identifier':
      return [];
    default:
      return stage satisfies never;
  }
}

/** The addresses of the second factor; with `via` only the one that this trait holds. */
export function offeredAddresses(
  config: CodeConfig,
  identity: FullIdentity,
  flow: Pick<Flow, 'requestUrl'>,
): readonly CodeAddress[] {
  const addresses = secondFactorAddresses(config, identity);
  const via = new URL(flow.requestUrl).searchParams.get('via');
  if (!via) return addresses;
  const held = traitAt(identity.traits, via);
  if (typeof held !== 'string' || held === '') {
    throw badRequest(`The trait "${via}" holds no address of this person.`);
  }
  const wanted = normaliseIdentifier(held);
  const found = addresses.filter(({ address }) => address === wanted || address === held);
  if (found.length === 0) throw badRequest(`The trait "${via}" holds no address that receives codes.`);
  return found;
}

function traitAt(traits: Json, path: string): Json | undefined {
  return path
    .split('.')
    .reduce<Json | undefined>(
      (inner, key) => (isJsonObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
      traits,
    );
}

const canReceive = (config: CodeConfig, identity: FullIdentity | undefined): boolean =>
  identity !== undefined &&
  (codeAddresses(identity.credentials[NAME]).length > 0 || config.config.missing_credential_fallback_enabled);

const identifierField = (label: Parameters<typeof input>[2]): NodeEdit =>
  upsert(input('default', { name: 'identifier', type: 'text', value: '', required: true }, label));

const addressButton = (to: CodeAddress): NodeEdit =>
  append(input(NAME, { name: 'address', type: 'submit', value: to.address }, messages.sendCodeTo(to)));

/** The form after a code was sent: what was asked for goes along unseen, so that it can be sent again. */
export function sentLoginForm(flow: Flow, identifier: string): readonly Node[] {
  return [
    ...keptIdentifiers(flow.form.nodes, identifier),
    hiddenMethod,
    codeField(core.loginCodeLabel(), false),
    submitButton,
    resendCodeButton,
    ...(flow.type === 'browser' ? [csrfNode] : []),
  ];
}

/** Identifier and addresses of the earlier form, all hidden under one name; the first one holds what was submitted. */
function keptIdentifiers(nodes: readonly Node[], identifier: string): readonly Node[] {
  const kept = nodes.flatMap((node) => {
    const { attributes } = node;
    if (attributes.node_type !== 'input') return [];
    if (attributes.name !== 'identifier' && attributes.name !== 'address') return [];
    return [{ node, attributes }];
  });
  if (kept.length === 0) return [input('default', { name: 'identifier', type: 'hidden', value: identifier })];
  return kept.map(({ node, attributes }, index) => ({
    ...node,
    messages: [],
    attributes: {
      ...attributes,
      name: 'identifier',
      type: 'hidden',
      ...(index === 0 ? { value: identifier } : {}),
    },
  }));
}
