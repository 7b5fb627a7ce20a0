// Recovery and verification by link: an address is written to, and the link that is followed proves it.

import type { Flow } from '../../flow/flow.ts';
import type { ProofAt, ProofStep, Submitted } from '../../flow/method/contract.ts';
import { optionalText } from '../../flow/method/fields.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type Continue, type Effect, type ProofOutcome, rejected } from '../../flow/method/outcome.ts';
import { findAddressee, findByRecoveryAddress, type Wanted } from '../../flow/proof/address-owner.ts';
import type { FlowRequest } from '../../flow/request.ts';
import { TOO_MANY_MESSAGES } from '../../flow/secret/budget.ts';
import { isExpiredSecret, matchSecret } from '../../flow/secret/one-time-secret.ts';
import { recoverySecretByHand } from '../../flow/secret/secret-by-hand.ts';
import { prepareNotice, prepareSecret, queueMessage } from '../../flow/secret/secret-message.ts';
import { csrfNode, input, methodButton, type Node } from '../../form/node.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { withQuery } from '../../lib/url.ts';
import * as core from '../../protocol/messages.ts';
import { fold } from '../../schema/normalise.ts';
import { Type } from '../../schema/typebox.ts';
import type { LinkConfig } from './config.ts';
import * as messages from './messages.ts';

const NAME = 'link';
type Purpose = 'recovery' | 'verification';

/** What differs between the two purposes. */
const OF = {
  recovery: {
    find: (deps: MethodDeps, _flow: Flow, wanted: Wanted) => findByRecoveryAddress(deps, wanted),
    sent: messages.recoveryLinkSent,
    invalid: messages.recoveryLinkInvalid,
    expired: core.recoveryExpired,
    templates: { valid: 'recovery_valid', invalid: 'recovery_invalid' },
    urlMember: 'recovery_url',
  },
  verification: {
    find: findAddressee,
    sent: messages.verificationLinkSent,
    invalid: messages.verificationLinkInvalid,
    expired: core.verificationExpired,
    templates: { valid: 'verification_valid', invalid: 'verification_invalid' },
    urlMember: 'verification_url',
  },
} as const;

const body = Type.Object({
  email: optionalText({ format: 'email_loose', maxLength: 320 }),
  token: optionalText(),
});

const emailField = (value?: string): Node =>
  input(
    NAME,
    { name: 'email', type: 'email', required: true, ...(value === undefined ? {} : { value }) },
    core.emailLabel(),
  );

const form = (email?: string): readonly Node[] => [
  csrfNode,
  emailField(email),
  methodButton(NAME, NAME, core.continueLabel()),
];

type Asked = ProofAt & Submitted<typeof body>;

export function linkProof(deps: MethodDeps, config: LinkConfig, purpose: Purpose): ProofStep<typeof body> {
  return {
    body,
    query: 'instead',
    isSelfProving: (sent) => Boolean(sent['token']),
    nodes: () => form(),
    submit: (at) => (at.body.token ? follow(deps, purpose, at) : ask(deps, config, purpose, at)),
    begin: async ({ flow, request, identity: whose, address, isPretence }) => {
      const identity = isPretence ? undefined : whose;
      const to = { flow, request, identity, address: address.value, isNoticed: false };
      if (!(await deps.budget.countSending({ address: to.address, request }))) return;
      return sent(purpose, address.value, await sendLink(deps, config, purpose, to));
    },
    issue: ({ flow, identity, lifespanMs = config.config.lifespan }) => {
      const patch = { nodes: form(), state: 'sent_email' };
      return recoverySecretByHand(deps, { kind: NAME, flow, identity, lifespanMs, patch });
    },
  };
}

async function ask(
  deps: MethodDeps,
  config: LinkConfig,
  purpose: Purpose,
  { flow, body: { email = '' }, request }: Asked,
): Promise<ProofOutcome> {
  const address = fold(email);
  if (address === '') {
    const refused = rejected(core.required('email'), 'email');
    return purpose === 'verification' ? { ...refused, echo: { email: '' } } : refused;
  }
  if (!(await deps.budget.countSending({ address, request }))) {
    return rejected(core.generic(TOO_MANY_MESSAGES));
  }
  const identity = await OF[purpose].find(deps, flow, { via: 'email', value: address });
  const isNoticed = deps.notifiesUnknown[purpose];
  const to = { flow, request, identity, address, isNoticed };
  return sent(purpose, address, await sendLink(deps, config, purpose, to));
}

/** The form after a link was sent, whether or not anybody has the address. */
function sent(purpose: Purpose, address: string, effect: Effect): Continue {
  return {
    kind: 'continue',
    patch: { nodes: form(address), messages: [OF[purpose].sent()], state: 'sent_email', active: NAME },
    jsonStatus: 200,
    effect,
  };
}

/** Known and unknown addresses cost the same: a link is made for both, and sent only to the known one. */
async function sendLink(
  deps: MethodDeps,
  config: LinkConfig,
  purpose: Purpose,
  of: {
    readonly flow: Flow;
    readonly request: FlowRequest;
    readonly identity: FullIdentity | undefined;
    readonly address: string;
    /** Whoever has the address is told of it, although no account does. */
    readonly isNoticed: boolean;
  },
): Promise<Effect> {
  const { flow, identity, address } = of;
  const { templates, urlMember } = OF[purpose];
  const { secret, message } = await prepareSecret(deps, {
    ...of,
    kind: 'link',
    via: 'email',
    purpose,
    templateName: templates.valid,
    lifespanMs: config.config.lifespan,
    data: (token) => ({
      [urlMember]: withQuery(`${deps.publicUrl}self-service/${purpose}`, { flow: flow.id, token }),
    }),
  });
  const notice =
    !identity && of.isNoticed
      ? await prepareNotice(deps, { ...of, templateName: templates.invalid })
      : undefined;
  const queued = identity ? message : notice;
  return async (stores) => {
    // A link that was sent earlier for this flow ends with the next one.
    await stores.secrets.replace(flow.id, purpose, [secret]);
    if (identity && purpose === 'verification') {
      const nowMs = deps.clock.nowMs();
      await stores.identities.markAddressSent(identity.id, { via: 'email', value: address, nowMs });
    }
    await queueMessage(stores, queued ?? message, queued !== undefined);
    return true;
  };
}

async function follow(
  deps: MethodDeps,
  purpose: Purpose,
  { flow, body: { token = '' } }: Asked,
): Promise<ProofOutcome> {
  const { invalid, expired } = OF[purpose];
  const nowMs = deps.clock.nowMs();
  const secrets = await deps.database.stores.secrets.findOfFlow(flow.id, purpose);
  const of = { keys: deps.secretKeys, nowMs };
  const secret = matchSecret(secrets, token, of);
  const identity = secret?.identityId && (await deps.database.stores.identities.findFull(secret.identityId));
  if (!secret || !identity) {
    const isLate = isExpiredSecret(secrets, token, of);
    const expiredAtMs = secrets[0]?.expiresAtMs ?? nowMs;
    const message = isLate ? expired({ expiredAtMs, nowMs }) : invalid();
    return { kind: 'restart', message, isFollowedLink: true };
  }
  return {
    kind: 'proven',
    identity,
    // A link that an administrator made proves no address.
    address: secret.address === '' ? undefined : { via: secret.via, value: secret.address },
    proof: { method: purpose === 'recovery' ? 'link_recovery' : NAME, aal: 'aal1' },
    effect: (stores) => stores.secrets.consume(secret.id),
    isFollowedLink: true,
    ifStale: { kind: 'restart', message: invalid(), isFollowedLink: true },
  };
}
