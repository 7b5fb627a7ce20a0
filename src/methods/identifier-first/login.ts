// Identifier -> the second step with the ways to sign in, hidden behind sameness where accounts are concealed.

import type { LoginAttempt, LoginHandler, LoginMoment } from '../../flow/method/contract.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type LoginOutcome, rejected } from '../../flow/method/outcome.ts';
import { append, input, methodButton, type NodeEdit, remove, upsert } from '../../form/node.ts';
import * as core from '../../protocol/messages.ts';
import { lookupForms } from '../../schema/normalise.ts';
import { Type } from '../../schema/typebox.ts';
import * as messages from './messages.ts';

const NAME = 'identifier_first';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  identifier: Type.Optional(Type.String()),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export function identifierFirstLogin(deps: MethodDeps): LoginHandler {
  return {
    levels: ['aal1'],
    payload,
    nodes: (moment) => Promise.resolve(firstStep(moment)),
    submit: (attempt) => submit(deps, attempt),
  };
}

/** `webauthn` lets the browser offer passkeys in the same field. */
const AUTOCOMPLETE = 'username webauthn';

function firstStep(moment: LoginMoment): readonly NodeEdit[] {
  if (moment.kind !== 'identifier') return [];
  const field = {
    name: 'identifier',
    type: 'text',
    value: '',
    required: true,
    autocomplete: AUTOCOMPLETE,
  } as const;
  return [
    upsert(input(NAME, field, moment.identifierLabel)),
    append(methodButton(NAME, NAME, core.continueLabel())),
  ];
}

async function submit(deps: MethodDeps, attempt: LoginAttempt): Promise<LoginOutcome> {
  const identifier = String(attempt.payload['identifier'] ?? '');
  const refused = { ...rejected(messages.accountNotFound(), 'identifier'), echo: { identifier } };
  if (identifier === '') return refused;
  const identity = await deps.database.stores.identities.findFullByIdentifier(lookupForms(identifier));
  const isConcealed = deps.concealsAccounts;
  const moment = {
    kind: 'credentials',
    identifier,
    // Where accounts are concealed, nothing about this one may shape the next step.
    identity: isConcealed ? undefined : identity,
    isConcealed,
  } as const;
  const begun = await attempt.begin(moment);
  if (begun) return begun;
  const offers = await attempt.offers(moment);
  if (!offers.isUsable) return refused;
  const label = attempt.flow.form.nodes.find(
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
      active: NAME,
      messages: [],
      sorted: true,
    },
    jsonStatus: 400,
  };
}
