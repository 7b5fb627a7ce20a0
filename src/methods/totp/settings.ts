// Setting an authenticator app up, which counts once it has shown a right code, and removing it.

import type { Person, SettingsAt } from '../../flow/method/at.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { rejected, type SettingsOutcome } from '../../flow/method/outcome.ts';
import type { Offer, SettingsStep, Submitted } from '../../flow/method/step.ts';
import { append, input, methodButton, type Node } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import * as core from '../../protocol/messages.ts';
import { labelledTrait } from '../../schema/label.ts';
import { Type } from '../../schema/typebox.ts';
import type { TotpConfig } from './config.ts';
import { NAME, readDevice, usedDevice } from './credential.ts';
import { acceptedStep, deviceQr, deviceUrl, newSecret } from './device.ts';
import * as messages from './messages.ts';

const body = Type.Object({
  totp_code: Type.Optional(Type.String({ maxLength: 64 })),
  totp_unlink: Type.Optional(Type.Boolean()),
});

const PICTURE_PIXELS = 256;

export function totpSettings(deps: MethodDeps, { config }: TotpConfig): SettingsStep<typeof body> {
  const issuer = config.issuer ?? new URL(deps.publicUrl).hostname;
  return {
    body,
    isAlwaysSensitive: true,
    offer: (at) => offer(deps, issuer, at),
    submit: (at) => submit(deps, at),
  };
}

async function offer(deps: MethodDeps, issuer: string, at: SettingsAt): Promise<Offer> {
  const { identity, schema } = at;
  const held = readDevice(identity.credentials[NAME], deps.sealer);
  if (held) {
    const field = { name: 'totp_unlink', type: 'submit', value: 'true', required: true } as const;
    return { edits: [append(input(NAME, field, messages.unlinkApp(held.lastUsedAt)))], memory: {} };
  }
  const secret = await newSecret();
  const account = labelledTrait(schema, identity.traits, { type: NAME, flag: 'account_name' }) ?? identity.id;
  const url = await deviceUrl({ issuer, account, secret });
  const code = { name: 'totp_code', type: 'text', required: true } as const;
  return {
    edits: [
      append(await picture(url)),
      append(key(secret)),
      append(input(NAME, code, messages.confirmLabel())),
      append(methodButton(NAME, NAME, core.saveLabel())),
    ],
    memory: { url },
  };
}

async function picture(url: string): Promise<Node> {
  return {
    type: 'img',
    group: NAME,
    attributes: {
      node_type: 'img',
      id: 'totp_qr',
      src: await deviceQr(url),
      width: PICTURE_PIXELS,
      height: PICTURE_PIXELS,
    },
    messages: [],
    meta: { label: messages.qrLabel() },
  };
}

function key(secret: string): Node {
  return {
    type: 'text',
    group: NAME,
    attributes: { node_type: 'text', id: 'totp_secret_key', text: messages.secretText(secret) },
    messages: [],
    meta: { label: messages.secretLabel() },
  };
}

async function submit(
  deps: MethodDeps,
  { identity, memory, body: given }: SettingsAt & Person & Submitted<typeof body>,
): Promise<SettingsOutcome> {
  const change = edit(identity);
  const isSetUp = readDevice(identity.credentials[NAME], deps.sealer) !== undefined;
  if (given.totp_unlink) {
    return { kind: 'changed', changes: [change.credential(NAME, () => 'remove')], isSensitive: true };
  }
  // Nothing is left to do.
  if (isSetUp) return { kind: 'changed', changes: [change.upkeep(NAME, () => 'keep')], isSensitive: true };
  const { totp_code: code = '' } = given;
  if (code === '') return rejected(core.required('totp_code'), 'totp_code');
  const url = String(memory['url'] ?? '');
  const nowMs = deps.clock.nowMs();
  const step = await acceptedStep(url, code, { nowMs, afterStep: undefined });
  if (step === undefined) return rejected(messages.wrongCode(), 'totp_code');
  const used = { step, now: toRfc3339(nowMs), identityId: identity.id, sealer: deps.sealer };
  return {
    kind: 'changed',
    changes: [change.credential(NAME, () => usedDevice(url, used))],
    proof: { method: NAME, aal: 'aal2' },
    isSensitive: true,
  };
}
