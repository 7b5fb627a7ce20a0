// What a recovery by code takes, in both of its ways.
import type { ProofAt, Submitted } from '../../../flow/method/contract.ts';
import { optionalText } from '../../../flow/method/fields.ts';
import { Type } from '../../../schema/typebox.ts';

export const recoveryBody = Type.Object({
  email: optionalText({ format: 'email_loose', maxLength: 320 }),
  code: optionalText(),
  recovery_address: optionalText({ maxLength: 320 }),
  recovery_select_address: optionalText({ maxLength: 320 }),
  recovery_confirm_address: optionalText({ maxLength: 320 }),
  screen: optionalText(),
});

export type RecoveryAsked = ProofAt & Submitted<typeof recoveryBody>;
