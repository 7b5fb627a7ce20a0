// Signing in at another place: one leaves with a state, and comes back by the callback with who one is.
import type { LoginAt, Person, SettingsAt } from '../../../src/flow/method/contract.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import {
  type Authenticated,
  type HandOver,
  type Joined,
  type LoginOutcome,
  type Redirect,
  type RegistrationOutcome,
  rejected,
  type SettingsOutcome,
} from '../../../src/flow/method/outcome.ts';
import { edit } from '../../../src/identity/change/change.ts';
import { reliedOn } from '../../../src/identity/change/plan.ts';
import type { Snapshot } from '../../../src/identity/change/snapshot.ts';
import type { ValidateTraits } from '../../../src/identity/validate.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { badRequest } from '../../../src/protocol/refusals.ts';
import { PIN, type PinSettings, storedKeys } from './config.ts';
import { messages } from './messages.ts';

export const CALLBACK = `/self-service/methods/${PIN}/callback`;

/** The other place asks for the password of the day, which only the one who left knows. */
export const leaveFor = ({ house }: PinSettings): Redirect => {
  const password = String(Math.random()).slice(2);
  return {
    kind: 'redirect',
    to: (state) => `${house}?${new URLSearchParams({ state, password })}`,
    patch: { memory: { password } },
  };
};

interface Visit {
  readonly query: URLSearchParams;
  readonly memory: JsonObject;
}

/** Who the other place says it was; undefined where it let nobody in. Throws where the answer is for somebody else. */
function visitor({ query, memory }: Visit): string | undefined {
  if (query.has('error')) return undefined;
  if (query.get('password') !== memory['password']) throw badRequest('The house answers somebody else.');
  return query.get('who') ?? undefined;
}

export async function returnToLogin(deps: MethodDeps, at: LoginAt & Visit): Promise<LoginOutcome> {
  const who = visitor(at);
  if (who === undefined) return rejected(messages.refused);
  const known = await findByKey(deps, who);
  if (known) return signedIn(known);
  const goOn: Extract<HandOver, { to: 'registration' }>['goOn'] = (next) =>
    register({ who, traits: { email: at.query.get('email') ?? '' } }, next.validate);
  return { kind: 'handover', to: 'registration', goOn };
}

export async function returnToRegistration(
  deps: MethodDeps,
  at: Visit & { readonly validate: ValidateTraits },
): Promise<RegistrationOutcome> {
  const who = visitor(at);
  if (who === undefined) return rejected(messages.refused);
  const known = await findByKey(deps, who);
  if (known) return { kind: 'handover', to: 'login', goOn: () => Promise.resolve(signedIn(known)) };
  return register({ who, traits: { email: at.query.get('email') ?? '' } }, at.validate);
}

const signedIn = (identity: Snapshot): Authenticated => ({
  kind: 'authenticated',
  identity,
  basis: { credentials: [reliedOn(identity, PIN)] },
  proof: { method: PIN, aal: 'aal1', provider: 'house' },
});

export async function returnToSettings(
  deps: MethodDeps,
  at: SettingsAt & Person & Visit,
): Promise<SettingsOutcome> {
  const who = visitor(at);
  if (who === undefined) return rejected(messages.refused);
  if (await findByKey(deps, who)) return rejected(messages.refused);
  return { kind: 'changed', changes: [withKey(at.identity, who)], isSensitive: true };
}

/** A person like any other; where their address is somebody's, that one has to sign in and gets the key. */
function register(
  of: { readonly who: string; readonly traits: JsonObject },
  validate: ValidateTraits,
): Promise<RegistrationOutcome> {
  const checked = validate(of.traits);
  if (!checked.ok) {
    return Promise.resolve({ kind: 'rejected', problems: checked.problems, traits: of.traits });
  }
  return Promise.resolve({
    kind: 'registered',
    traits: checked.value,
    credential: { type: PIN, config: { keys: [of.who] } },
    proof: { method: PIN, aal: 'aal1', provider: 'house' },
    metadataPublic: { from: 'house' },
    ifTaken: async ({ identifier }) => ({
      kind: 'handover',
      to: 'login',
      isUnified: true,
      pageQuery: { linking: 'true' },
      patch: () => ({
        active: PIN,
        messages: [messages.linking],
        memory: { key: of.who, identifier },
      }),
    }),
  });
}

/** Whoever proves that they have the account gets the key to it. */
export function join({
  memory,
  identity,
}: {
  readonly memory: JsonObject;
  readonly identity: Snapshot;
}): Joined | ReturnType<typeof rejected> | undefined {
  const { key, identifier } = memory;
  if (typeof key !== 'string') return undefined;
  const owns = Object.values(identity.credentials).some(({ identifiers }) =>
    identifiers.includes(String(identifier)),
  );
  if (!owns) return rejected(messages.refused);
  return {
    kind: 'joined',
    changes: [withKey(identity, key)],
    proof: { method: PIN, aal: 'aal1', provider: 'house' },
  };
}

const withKey = (identity: Snapshot, key: string) =>
  edit(identity).credential(
    PIN,
    (held) => ({ config: { ...held?.config, keys: [...storedKeys(held), key] } }),
    { since: 'any' },
  );

/** Tests have few people, so all are looked at. */
async function findByKey({ database }: MethodDeps, who: string): Promise<Snapshot | undefined> {
  const people = await database.stores.identities.list({ filter: {}, limit: 100 });
  const found = people.find(({ credentials }) => storedKeys(credentials[PIN]).includes(who));
  return found && database.stores.identities.findFull(found.id);
}
