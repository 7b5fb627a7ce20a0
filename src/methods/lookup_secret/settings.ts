// Backup codes in settings: made, shown, kept by their owner and then confirmed; shown again; turned off.

import type { Person, SettingsAt } from '../../flow/method/at.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { rejected, type SettingsOutcome } from '../../flow/method/outcome.ts';
import type { SettingsStep, Submitted } from '../../flow/method/step.ts';
import { append, input, type Node, type NodeEdit, remove } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import type { Message } from '../../protocol/message.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { type BackupCode, countCodes, FEW_CODES, newCodes, readCodes, readImportedCodes } from './codes.ts';
import { NAME, withCodes } from './credential.ts';
import * as messages from './messages.ts';

const body = Type.Object({
  lookup_secret_reveal: Type.Optional(Type.Boolean()),
  lookup_secret_regenerate: Type.Optional(Type.Boolean()),
  lookup_secret_confirm: Type.Optional(Type.Boolean()),
  lookup_secret_disable: Type.Optional(Type.Boolean()),
});

export function lookupSettings(deps: MethodDeps): SettingsStep<typeof body> {
  return {
    body,
    isAlwaysSensitive: true,
    offer: async ({ identity }) => {
      const { all, left } = countCodes(identity.credentials[NAME]?.config);
      const reveal = button(
        'lookup_secret_reveal',
        messages.revealCodes(left <= FEW_CODES ? left : undefined),
      );
      return {
        edits: all > 0 ? [reveal, disableButton] : [button('lookup_secret_regenerate', messages.makeCodes())],
        memory: {},
      };
    },
    submit: (at) => submit(deps, at),
  };
}

function button(name: string, label: Message): NodeEdit {
  return append(input(NAME, { name, type: 'submit', value: 'true' }, label));
}

const disableButton = button('lookup_secret_disable', messages.dropCodes());

async function submit(
  deps: MethodDeps,
  at: SettingsAt & Person & Submitted<typeof body>,
): Promise<SettingsOutcome> {
  const { identity, body: given } = at;
  if (given.lookup_secret_reveal) {
    const codes = readCodes(identity.credentials[NAME]?.config, deps.sealer);
    if (codes.length === 0) return rejected(core.generic('There are no backup codes to show yet.'));
    const regenerate = button('lookup_secret_regenerate', messages.makeCodes());
    return shown([append(list(codes)), disableButton, regenerate], {});
  }
  if (given.lookup_secret_regenerate) {
    const codes = newCodes();
    const confirm = button('lookup_secret_confirm', messages.confirmCodes());
    return shown([append(list(codes)), confirm], { codes: codes.map(({ code }) => ({ code })) });
  }
  if (given.lookup_secret_confirm) {
    const codes = readImportedCodes(at.memory);
    if (!codes) return rejected(core.generic('Create backup codes before you confirm them.'));
    const stored = withCodes(codes, { identityId: identity.id, sealer: deps.sealer });
    return {
      kind: 'changed',
      changes: [edit(identity).credential(NAME, () => stored)],
      proof: { method: NAME, aal: 'aal2' },
      isSensitive: true,
    };
  }
  if (!given.lookup_secret_disable) return rejected(core.noSettingsMethod());
  return { kind: 'changed', changes: [edit(identity).credential(NAME, () => 'remove')], isSensitive: true };
}

/** The same form with the codes in it; nothing is stored yet. */
function shown(edits: readonly NodeEdit[], memory: { readonly codes?: { code: string }[] }): SettingsOutcome {
  const patch = { edits: [remove({ group: NAME }), ...edits], memory };
  return { kind: 'continue', patch, jsonStatus: 200 };
}

function list(codes: readonly BackupCode[]): Node {
  return {
    type: 'text',
    group: NAME,
    attributes: { node_type: 'text', id: 'lookup_secret_codes', text: messages.listedCodes(codes) },
    messages: [],
    meta: { label: messages.codesLabel() },
  };
}
