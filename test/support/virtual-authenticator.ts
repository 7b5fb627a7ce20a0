// An authenticator that Chromium itself provides (DevTools protocol, domain WebAuthn): pages cannot tell it from a real one.
import type { CDPSession, Page } from 'playwright-core';

export interface VirtualAuthenticator {
  readonly keyCount: () => Promise<number>;
  /** Without it, the browser asks nobody by itself: a list of passkeys stays a list. */
  readonly answersByItself: (isWilling: boolean) => Promise<void>;
}

/** A fingerprint reader of the device, with a finger that is always right; or a key that is plugged in. */
export async function addAuthenticator(
  page: Page,
  kind: 'device' | 'usb' = 'device',
): Promise<VirtualAuthenticator> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: kind === 'device' ? 'internal' : 'usb',
      hasResidentKey: kind === 'device',
      hasUserVerification: kind === 'device',
      isUserVerified: kind === 'device',
      automaticPresenceSimulation: true,
    },
  });
  return {
    keyCount: async () => {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.length;
    },
    answersByItself: async (enabled) => {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
  };
}
