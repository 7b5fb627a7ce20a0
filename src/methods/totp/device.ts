// An authenticator app: its secret, its address for QR codes, and which of its codes is right now (RFC 6238).
import type { TOTP } from 'otpauth';

/** Codes of the step before and of the one after are good too: clocks differ, and people type slowly. */
const TOLERATED_STEPS = 1;
const PICTURE_PIXELS = 256;

/** A secret of 160 bits in base32, as RFC 4226 recommends. */
export async function newSecret(): Promise<string> {
  const { Secret } = await otpauth();
  return new Secret({ size: 20 }).base32;
}

/** The address that an app reads from the picture. */
export async function deviceUrl(of: {
  readonly issuer: string;
  readonly account: string;
  readonly secret: string;
}): Promise<string> {
  const { TOTP } = await otpauth();
  return new TOTP({
    issuer: of.issuer,
    label: of.account,
    secret: of.secret,
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
  }).toString();
}

/** The address as a PNG in a data URL. */
export async function deviceQr(url: string): Promise<string> {
  const { toDataURL } = await import('qrcode');
  return toDataURL(url, { width: PICTURE_PIXELS, margin: 2, errorCorrectionLevel: 'M' });
}

/** True where codes can be computed from this address, whoever made it. */
export async function isDeviceUrl(url: string): Promise<boolean> {
  return (await parse(url)) !== undefined;
}

/**
 * The time step whose code this is, or undefined where it is none of the tolerated steps or not later than `afterStep`:
 * a code that was seen over somebody's shoulder is worth nothing once it was used (RFC 6238 section 5.2).
 */
export async function acceptedStep(
  url: string,
  code: string,
  of: { readonly nowMs: number; readonly afterStep: number | undefined },
): Promise<number | undefined> {
  const device = await parse(url);
  const token = code.replace(/\s/g, '');
  // The library throws for digits of other scripts.
  if (!device || token.length !== device.digits || !/^[0-9]+$/.test(token)) return undefined;
  const delta = device.validate({ token, timestamp: of.nowMs, window: TOLERATED_STEPS });
  if (delta === null) return undefined;
  const step = device.counter({ timestamp: of.nowMs }) + delta;
  return of.afterStep !== undefined && step <= of.afterStep ? undefined : step;
}

/** Loaded where somebody has an app or sets one up, not with each start. */
const otpauth = () => import('otpauth');

async function parse(url: string): Promise<TOTP | undefined> {
  if (url.length > 2048) return undefined;
  const { HOTP, URI } = await otpauth();
  try {
    const device = URI.parse(url);
    const isUsable =
      !(device instanceof HOTP) &&
      device.secret.bytes.length > 0 &&
      device.digits >= 6 &&
      device.digits <= 10 &&
      device.period >= 1 &&
      device.period <= 3600;
    return isUsable ? device : undefined;
  } catch {
    return undefined; // the library throws for what is no such address
  }
}
