// Ends sessions of a person, and with them what could get around their end.
import type { IdentityId, SessionId } from '../../lib/ids.ts';
import type { EffectStores } from '../method/outcome.ts';

/**
 * Ends all sessions of the person but one, and the codes and links that would open another: whoever asked for them may be
 * the one who is put out. Returns how many sessions it ended.
 */
export async function endOtherSessions(
  { sessions, secrets }: Pick<EffectStores, 'sessions' | 'secrets'>,
  of: { readonly identityId: IdentityId; readonly exceptId?: SessionId; readonly nowMs: number },
): Promise<number> {
  await secrets.deleteOfIdentity({ identityId: of.identityId, purposes: ['login', 'recovery'] });
  return sessions.revoke(of);
}
