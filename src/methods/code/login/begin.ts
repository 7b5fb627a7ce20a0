// A code that is sent without being asked for, where there is one address and no other way on (docs/protocol/methods.md 6.4).
import type { FactorCount, KnownPersonStage, LoginAt } from '../../../flow/method/contract.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import type { Continue } from '../../../flow/method/outcome.ts';
import type { CodeConfig } from '../config.ts';
import { codeAddresses } from '../credential.ts';
import { NAME } from '../nodes.ts';
import { findRecipient, toAddress } from '../recipient.ts';
import { mayWriteTo } from '../send.ts';
import { offeredAddresses } from './nodes.ts';
import { sendLoginCode, sentLogin } from './send.ts';

/** Undefined where there is something to choose, or nothing more may be sent for now: then the form is shown. */
export async function beginLoginByCode(
  deps: MethodDeps,
  config: CodeConfig,
  at: LoginAt & { readonly stage: KnownPersonStage; readonly others: FactorCount },
): Promise<Continue | undefined> {
  const { flow, request, stage, others } = at;
  const { identity } = stage;
  if (stage.kind === 'credentials' && stage.isConcealed) {
    return others.first > 0 ? undefined : asIfKnown(deps, config, at, stage.identifier);
  }
  if (!identity) return undefined;
  if (stage.kind === 'credentials') {
    const held = codeAddresses(identity.credentials[NAME]);
    const typed = toAddress(stage.identifier);
    const addresses = held.filter(({ address }) => address === typed?.address);
    if (others.first > 0 || addresses.length !== 1) return undefined;
    if (!(await mayWriteTo(deps, addresses, request))) return undefined;
    return sentLogin(deps, config, { flow, request, identity, addresses, identifier: stage.identifier });
  }
  const addresses = offeredAddresses(config, identity, flow);
  const [only] = addresses;
  if (others.second > 0 || !only || addresses.length > 1) return undefined;
  if (!(await mayWriteTo(deps, addresses, request))) return undefined;
  return sentLogin(deps, config, { flow, request, identity, addresses, identifier: only.address });
}

/** Where accounts are concealed and codes are all there is, a code is sent, or it looks as if one was. */
async function asIfKnown(
  deps: MethodDeps,
  config: CodeConfig,
  attempt: LoginAt,
  identifier: string,
): Promise<Continue | undefined> {
  const recipient = await findRecipient(deps, config, { attempt, identifier });
  const sent = await sendLoginCode(deps, config, { attempt, identifier, recipient });
  return sent.kind === 'continue' ? sent : undefined;
}
