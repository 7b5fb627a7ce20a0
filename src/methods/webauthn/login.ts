// Signing in with a security key: alone, after the identifier was given, or as second factor.

import type { LoginAt } from '../../flow/method/at.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type LoginOutcome, type Rejected, rejected } from '../../flow/method/outcome.ts';
import {
  type LoginStage,
  type LoginStep,
  noOffer,
  type Offer,
  type Submitted,
} from '../../flow/method/step.ts';
import { append, clear, csrfNode, input, methodButton, upsert } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import { keyedDigest, randomBase64Url } from '../../lib/secret.ts';
import type { Message } from '../../protocol/message.ts';
import * as core from '../../protocol/messages.ts';
import { lookupForms, normaliseIdentifier } from '../../schema/normalise.ts';
import { Type } from '../../schema/typebox.ts';
import { readAssertionAnswer } from '../../webauthn/answer.ts';
import type { Key } from '../../webauthn/keys.ts';
import { keyRefused, noSuchKey, UNREADABLE } from '../../webauthn/messages.ts';
import { assertionOptions } from '../../webauthn/options.ts';
import { verifyAssertion } from '../../webauthn/verify.ts';
import { handleOf, NAME, ringOf, storedKeys, usableKeys } from './credential.ts';
import * as messages from './messages.ts';
import { assertionNodes } from './nodes.ts';
import type { WebauthnSettings } from './settings-in-force.ts';

const body = Type.Object({
  identifier: Type.Optional(Type.String({ maxLength: 1024 })),
  webauthn_login: Type.Optional(Type.String()),
});

const TIMEOUT_MS = 120_000;

export function webauthnLogin(deps: MethodDeps, settings: WebauthnSettings): LoginStep<typeof body> {
  return {
    levels: [settings.isPasswordless ? 'aal1' : 'aal2'],
    body,
    offer: async (at) => offer(deps, settings, at),
    submit: (at) => submit(deps, settings, at),
  };
}

function offer(
  deps: MethodDeps,
  settings: WebauthnSettings,
  { flow, stage }: LoginAt & { readonly stage: LoginStage },
): Offer {
  // Native apps have no browser that could ask for a key.
  if (flow.type === 'api') return noOffer;
  const { isPasswordless } = settings;
  const button = append(methodButton(NAME, NAME, messages.useKey()));
  switch (stage.kind) {
    case 'first-factor': {
      if (!isPasswordless) return noOffer;
      const autocomplete = 'username webauthn';
      const field = { name: 'identifier', type: 'text', value: '', required: true, autocomplete } as const;
      return { edits: [upsert(input('default', field, stage.identifierLabel)), button] };
    }
    case 'credentials': {
      const hasKey = stage.identity !== undefined && usableKeys(stage.identity, true).length > 0;
      return isPasswordless && (hasKey || stage.isConcealed) ? { edits: [button] } : noOffer;
    }
    case 'first-factor-refresh':
      return isPasswordless ? askForKey(deps, settings, stage.identity) : noOffer;
    case 'second-factor':
      return isPasswordless ? noOffer : askForKey(deps, settings, stage.identity);
    case 'identifier':
      return noOffer;
    default:
      return stage satisfies never;
  }
}

/** The person is known, and so are the keys. */
function askForKey(deps: MethodDeps, settings: WebauthnSettings, identity: FullIdentity): Offer {
  const keys = usableKeys(identity, settings.isPasswordless);
  if (keys.length === 0) return noOffer;
  const challenge = randomBase64Url(32);
  const [identifier] = identity.credentials[NAME]?.identifiers ?? [];
  const known = { name: 'identifier', type: 'hidden', value: identifier ?? identity.id } as const;
  const [script, ...nodes] = assertionNodes(optionsFor(settings, challenge, keys), {
    label: messages.useKey(),
    publicUrl: deps.publicUrl,
  });
  return {
    edits: [upsert(input('default', known)), ...(script ? [upsert(script)] : []), ...nodes.map(append)],
    memory: { challenge, identity_id: identity.id },
  };
}

const optionsFor = (
  { party }: WebauthnSettings,
  challenge: string,
  allow: readonly Pick<Key, 'id' | 'transports'>[],
) => assertionOptions({ party, challenge, timeoutMs: TIMEOUT_MS, userVerification: 'discouraged', allow });

async function submit(
  deps: MethodDeps,
  settings: WebauthnSettings,
  at: LoginAt & Submitted<typeof body>,
): Promise<LoginOutcome> {
  const { flow, body: given } = at;
  if (flow.type === 'api') return rejected(core.noLoginMethod());
  const { webauthn_login: text = '', identifier = '' } = given;
  if (identifier === '') return again(core.required('identifier'), 'identifier');
  if (text === '') return identify(deps, settings, at);
  const answer = readAssertionAnswer(text);
  if (!answer) return again(core.generic(UNREADABLE));
  const identity = await personOf(deps, at);
  if (!identity) return again(keyRefused());
  const ring = ringOf(identity);
  if (ring.keys.length === 0) return again(messages.noKey());
  const key = usableKeys(identity, settings.isPasswordless).find(({ id }) => id === answer.id);
  const isForOther = answer.userHandle !== undefined && answer.userHandle !== handleOf(ring, identity.id);
  const { challenge } = at.memory;
  if (!key || isForOther || typeof challenge !== 'string') return again(keyRefused());
  const check = await verifyAssertion(answer, key, {
    party: settings.party,
    challenge,
    requiresUserVerification: false,
    now: toRfc3339(deps.clock.nowMs()),
  });
  if (check.kind === 'refused') return again(keyRefused());
  const keys = ring.keys.map((held) => (held.id === key.id ? check.key : held));
  const changes = [edit(identity).upkeep(NAME, () => storedKeys({ ...ring, keys }))];
  if (check.kind === 'cloned') return { ...again(keyRefused()), changes };
  return {
    kind: 'authenticated',
    identity,
    proof: { method: NAME, aal: settings.isPasswordless ? 'aal1' : 'aal2' },
    changes,
  };

  function again(message: Message, node?: string): Rejected {
    return rejected(message, node, { edits: [clear('webauthn_login')] });
  }
}

/** Who is to show a key: the person who is signed in, or the one whose identifier was given before. */
async function personOf(deps: MethodDeps, at: LoginAt): Promise<Snapshot | undefined> {
  const { identity_id: id } = at.memory;
  if (typeof id !== 'string') return undefined;
  if (at.person) return at.person.identity.id === id ? at.person.identity : undefined;
  // The memory holds what `identify` put there.
  return deps.database.stores.identities.findFull(id as FullIdentity['id']);
}

/** A key that nobody has, the same for each identifier: where accounts are concealed, every identifier has one. */
function decoy({ secretKeys: [key = ''] }: MethodDeps, identifier: string): Pick<Key, 'id' | 'transports'> {
  return { id: keyedDigest(key, 'decoy key', normaliseIdentifier(identifier)), transports: [] };
}

/** First step of signing in by a key alone: whose key? */
async function identify(
  deps: MethodDeps,
  settings: WebauthnSettings,
  { flow, body: { identifier = '' } }: LoginAt & Submitted<typeof body>,
): Promise<LoginOutcome> {
  if (flow.requestedAal !== 'aal1') return rejected(core.generic(UNREADABLE));
  const found = await deps.database.stores.identities.findFullByIdentifier(lookupForms(identifier), NAME);
  const own = found ? usableKeys(found, true) : [];
  if (own.length === 0 && !deps.concealsAccounts) return rejected(noSuchKey());
  const keys = own.length > 0 ? own : [decoy(deps, identifier)];
  const challenge = randomBase64Url(32);
  const known = { name: 'identifier', type: 'hidden', value: identifier, required: true } as const;
  return {
    kind: 'continue',
    patch: {
      nodes: [
        input('default', known),
        csrfNode,
        ...assertionNodes(optionsFor(settings, challenge, keys), {
          label: messages.continueWithKey(),
          publicUrl: deps.publicUrl,
        }),
      ],
      messages: [messages.prepareKey()],
      memory: { challenge, ...(found ? { identity_id: found.id } : {}) },
    },
    jsonStatus: 422,
  };
}
