// A code and the message that carries it.
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import type { FlowRequest } from '../../flow/request.ts';
import {
  prepareSecret,
  type SecretMessage,
  type SecretMessageDraft,
} from '../../flow/secret/secret-message.ts';
import type { CodeAddress } from './credential.ts';

/** Makes a code for one address and renders its message. Nothing is stored yet. */
export const prepareCode = (
  deps: MethodDeps,
  draft: Omit<SecretMessageDraft, 'kind'>,
): Promise<SecretMessage> => prepareSecret(deps, { ...draft, kind: 'code' });

/** Counts a message to each address; false where one of them, or this client, has had enough of them. */
export async function mayWriteTo(
  deps: MethodDeps,
  addresses: readonly CodeAddress[],
  request: Pick<FlowRequest, 'clientIp' | 'knownDevices'>,
): Promise<boolean> {
  for (const { address } of addresses) {
    if (!(await deps.budget.countSending({ address, request }))) return false;
  }
  return true;
}
