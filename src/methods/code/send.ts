// A code and the message that carries it.
import type { MethodDeps } from '../../flow/method.ts';
import { prepareSecret, type SecretMessage, type SecretMessageDraft } from '../../flow/secret-message.ts';

/** Makes a code for one address and renders its message. Nothing is stored yet. */
export const prepareCode = (
  deps: MethodDeps,
  draft: Omit<SecretMessageDraft, 'kind'>,
): Promise<SecretMessage> => prepareSecret(deps, { ...draft, kind: 'code' });
