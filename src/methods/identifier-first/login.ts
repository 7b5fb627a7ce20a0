// Identifier -> the second step with the ways to sign in, hidden behind sameness where accounts are concealed.

import type { LoginAt, LoginMoves, LoginStage, LoginStep, Submitted } from '../../flow/method/contract.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type LoginOutcome, rejected } from '../../flow/method/outcome.ts';
import { append, input, methodButton, type NodeEdit, remove, upsert } from '../../form/node.ts';
import * as core from '../../protocol/messages.ts';
import { lookupForms } from '../../schema/normalise.ts';
import { Type } from '../../schema/typebox.ts';
import * as messages from './messages.ts';

const NAME = 'identifier_first';

const body = Type.Object({
  identifier: Type.Optional(Type.String()),
});

export function identifierFirstLogin(deps: MethodDeps): LoginStep<typeof body> {
  return {
    levels: ['aal1'],
    body,
    offer: ({ stage }) => Promise.resolve({ edits: firstStep(stage) }),
    submit: (at) => submit(deps, at),
  };
}

/** `webauthn` lets the browser offer passkeys in the same field. */
const AUTOCOMPLETE = 'username webauthn';

function firstStep(stage: LoginStage): readonly NodeEdit[] {
  if (stage.kind !== 'identifier') return [];
  const field = {
    name: 'identifier',
    type: 'text',
    value: '',
    required: true,
    autocomplete: AUTOCOMPLETE,
  } as const;
  return [
    upsert(input(NAME, field, stage.identifierLabel)),
    append(methodButton(NAME, NAME, core.continueLabel())),
  ];
}

async function submit(
  deps: MethodDeps,
  at: LoginAt & LoginMoves & Submitted<typeof body>,
): Promise<LoginOutcome> {
  const { identifier = '' } = at.body;
  const refused = { ...rejected(messages.accountNotFound(), 'identifier'), echo: { identifier } };
  if (identifier === '') return refused;
  const identity = await deps.database.stores.identities.findFullByIdentifier(lookupForms(identifier));
  const isConcealed = deps.concealsAccounts;
  const stage = {
    kind: 'credentials',
    identifier,
    // Where accounts are concealed, nothing about this one may shape the next step.
    identity: isConcealed ? undefined : identity,
    isConcealed,
  } as const;
  const begun = await at.begin(stage);
  if (begun) return begun;
  const offers = await at.offers(stage);
  if (!offers.isUsable) return refused;
  const label = at.flow.form.nodes.find(
    (node) => node.attributes.node_type === 'input' && node.attributes.name === 'identifier',
  )?.meta.label;
  const known = {
    name: 'identifier',
    type: 'hidden',
    value: identifier,
    required: true,
    autocomplete: AUTOCOMPLETE,
  } as const;
  return {
    kind: 'continue',
    patch: {
      edits: [remove({ id: 'method', group: NAME }), upsert(input(NAME, known, label)), ...offers.edits],
      memories: offers.memories,
      active: NAME,
      messages: [],
    },
    jsonStatus: 400,
  };
}
