// Signing in with a passkey: the authenticator says who it is, so nobody has to type an identifier.

import type { LoginAt } from '../../flow/method/at.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type LoginOutcome, rejected } from '../../flow/method/outcome.ts';
import {
  type LoginStage,
  type LoginStep,
  noOffer,
  type Offer,
  type Submitted,
} from '../../flow/method/step.ts';
import { input, upsert } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import { type IdentityId, parseUuid } from '../../lib/ids.ts';
import { randomBase64Url } from '../../lib/secret.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { type AssertionAnswer, readAssertionAnswer } from '../../webauthn/answer.ts';
import { keyRefused, noSuchKey, UNREADABLE } from '../../webauthn/messages.ts';
import { verifyAssertion } from '../../webauthn/verify.ts';
import { displayName, handleText, NAME, ringOf, withKeys } from './credential.ts';
import * as messages from './messages.ts';
import { answerField, dataField, type Page, script, triggerButton } from './nodes.ts';
import type { PasskeySettings } from './settings-in-force.ts';

const body = Type.Object({ passkey_login: Type.Optional(Type.String()) });

export function passkeyLogin(deps: MethodDeps, settings: PasskeySettings): LoginStep<typeof body> {
  return {
    levels: ['aal1'],
    body,
    offer: async (at) => offer(deps, settings, at),
    submit: (at) => submit(deps, settings, at),
  };
}

function offer(
  deps: MethodDeps,
  settings: PasskeySettings,
  { flow, stage, schema }: LoginAt & { readonly stage: LoginStage },
): Offer {
  const page: Page = { type: flow.type, publicUrl: deps.publicUrl };
  const label = messages.signIn();
  const trigger = triggerButton('passkey_login_trigger', page, {
    trigger: 'oryPasskeyLogin',
    label,
    value: '',
  });
  const challenge = randomBase64Url(32);
  switch (stage.kind) {
    case 'first-factor':
    case 'identifier': {
      const autocomplete = 'username webauthn';
      const field = { name: 'identifier', type: 'text', value: '', required: true, autocomplete } as const;
      return {
        edits: [
          upsert(input('default', field, stage.identifierLabel)),
          dataField('passkey_challenge', settings.assertion({ challenge })),
          ...script(page),
          answerField('passkey_login', page, 'oryPasskeyLoginAutocompleteInit'),
          // Before the person is known, the list of the identifier's field is all there is.
          ...(stage.kind === 'first-factor' ? [trigger] : []),
        ],
        memory: { challenge },
      };
    }
    case 'credentials': {
      // The challenge of the first step is still in the form.
      const hasPasskey = stage.identity !== undefined && ringOf(stage.identity).keys.length > 0;
      return hasPasskey || stage.isConcealed ? { edits: [trigger] } : noOffer;
    }
    case 'first-factor-refresh': {
      const { keys } = ringOf(stage.identity);
      if (keys.length === 0) return noOffer;
      const name = displayName(schema, stage.identity) ?? stage.identity.id;
      return {
        edits: [
          dataField('passkey_challenge', settings.assertion({ challenge, allow: keys })),
          ...script(page),
          answerField('passkey_login', page),
          trigger,
          upsert(input('default', { name: 'identifier', type: 'hidden', value: name })),
        ],
        memory: { challenge, identity_id: stage.identity.id },
      };
    }
    case 'second-factor':
      return noOffer;
    default:
      return stage satisfies never;
  }
}

async function submit(
  deps: MethodDeps,
  settings: PasskeySettings,
  at: LoginAt & Submitted<typeof body>,
): Promise<LoginOutcome> {
  const { passkey_login: text = '' } = at.body;
  // The button without the script behind it: the page is shown again.
  if (text === '') return { kind: 'continue', patch: {}, jsonStatus: 422 };
  const answer = readAssertionAnswer(text);
  if (!answer) return rejected(core.generic(UNREADABLE));
  const identity = await personOf(deps, answer);
  if (!identity) return rejected(noSuchKey());
  const { challenge, identity_id: expectedId } = at.memory;
  const ring = ringOf(identity);
  const key = ring.keys.find(({ id }) => id === answer.id);
  const isOther = typeof expectedId === 'string' && expectedId !== identity.id;
  if (!key || isOther || typeof challenge !== 'string') return rejected(keyRefused());
  const check = await verifyAssertion(answer, key, {
    party: settings.party,
    challenge,
    requiresUserVerification: settings.requiresUserVerification,
    now: toRfc3339(deps.clock.nowMs()),
  });
  if (check.kind === 'refused') return rejected(keyRefused());
  const keys = ring.keys.map((held) => (held.id === key.id ? check.key : held));
  const changes = [edit(identity).upkeep(NAME, () => withKeys(ring, keys))];
  if (check.kind === 'cloned') return { ...rejected(keyRefused()), changes };
  return {
    kind: 'authenticated',
    identity,
    proof: { method: NAME, aal: 'aal1' },
    changes,
  };
}

/** The person whose handle the authenticator keeps. */
async function personOf(
  { database }: MethodDeps,
  { userHandle }: AssertionAnswer,
): Promise<Snapshot | undefined> {
  if (userHandle === undefined) return undefined;
  const { identities } = database.stores;
  const found = await identities.findFullByIdentifier([handleText(userHandle)], NAME);
  // Security keys know their person by the id: such a key is no passkey, but it is somebody's.
  return found ?? (await byId(userHandle, (id) => identities.findFull(id)));
}

async function byId(
  handle: string,
  find: (id: IdentityId) => Promise<Snapshot | undefined>,
): Promise<Snapshot | undefined> {
  const hex = Buffer.from(handle, 'base64url').toString('hex');
  const id = parseUuid<IdentityId>(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
  return id && find(id);
}
