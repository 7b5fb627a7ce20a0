// Registration where accounts are concealed: a new address and one that somebody has get the same answer.
import type { CourierMessage } from '../../courier/message.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { identityToJson } from '../../identity/view.ts';
import { normaliseIdentifier } from '../../schema/normalise.ts';
import type { FlowDeps } from '../deps.ts';
import { asFinished } from '../engine/sent-again.ts';
import type { Submission } from '../engine/submission.ts';
import { lost, unit } from '../engine/unit.ts';
import type { Finished } from '../flow.ts';
import type { BegunVerification } from '../hook/contract.ts';
import type { AfterSummary } from '../hook/run.ts';
import type { Effect, Registered } from '../method/outcome.ts';
import { showVerification } from '../verification/begin.ts';

const DAY_MS = 24 * 60 * 60_000;

/**
 * The e-mail address of a registration that tells nobody whether it is new. Everything that identifies the person has to be
 * this one address: names that go to no mailbox can only be refused while the form is open, and with a second address the
 * message that comes or does not come would tell.
 */
export function concealedAddress(deps: FlowDeps, outcome: Registered): string | undefined {
  const { concealsAccounts, isVerificationOpen } = deps.settings;
  if (!concealsAccounts || !isVerificationOpen || !outcome.heldUntilProven) return undefined;
  const { verifiable, recovery, credentials } = outcome.traits;
  const [address, ...others] = verifiable;
  if (address?.via !== 'email' || others.length > 0) return undefined;
  const wanted = normaliseIdentifier(address.value);
  const names = [
    ...recovery.map(({ value }) => value),
    ...credentials.flatMap(({ identifiers }) => identifiers),
  ];
  return names.every((name) => normaliseIdentifier(name) === wanted) ? address.value : undefined;
}

/** For whoever reads the address that is taken; at most once a day. */
export async function prepareOwnersNotice(
  deps: FlowDeps,
  of: { readonly holder: FullIdentity; readonly address: string },
): Promise<CourierMessage | undefined> {
  const { holder, address } = of;
  if (!(await deps.budget.isFirstSince(`registered again ${address}`, DAY_MS))) return undefined;
  const { publicUrl, isRecoveryOpen } = deps.settings;
  return deps.composeNotice({
    templateName: 'account_exists',
    type: 'email',
    recipient: address,
    data: {
      to: address,
      identity: identityToJson(holder, { publicUrl }),
      sign_in_url: `${publicUrl}self-service/login/browser`,
      ...(isRecoveryOpen ? { recovery_url: `${publicUrl}self-service/recovery/browser` } : {}),
    },
  });
}

/** Ends the flow as a registration would. Nobody is created, and the verification behind it proves nothing. */
export function persistPretence(
  deps: FlowDeps,
  of: Submission & {
    readonly finished: Finished;
    readonly effects: readonly Effect[];
    readonly notice: CourierMessage | undefined;
  },
) {
  return unit(deps.database, async (stores) => {
    if (!(await stores.flows.consume(of.flow.id, asFinished(of.flow, of.finished)))) return lost;
    for (const effect of of.effects) await effect(stores);
    if (of.notice) await stores.messages.insert(of.notice);
    return { kind: 'written' } as const;
  });
}

/** Whatever the hooks are, the next step is the message in the mailbox: they run for new people only, so their answers would tell. */
export function leadToVerification(
  deps: FlowDeps,
  { flow, begun }: Pick<Submission, 'flow'> & { readonly begun: readonly BegunVerification[] },
): AfterSummary {
  const { namesEveryVerification, uiUrl } = deps.settings;
  return {
    continueWith: namesEveryVerification ? [] : begun.map((one) => showVerification(one, flow.type)),
    goTo: begun[0]?.url ?? uiUrl.verification,
    error: undefined,
  };
}
