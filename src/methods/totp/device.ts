// An authenticator app: its secret, its address for QR codes, and which of its codes is right now (RFC 6238).
import { HOTP, Secret, TOTP, URI } from 'otpauth';
import { toDataURL } from 'qrcode';

/** Codes of the step before and of the one after are good too: clocks differ, and people type slowly. */
const TOLERATED_STEPS = 1;
const PICTURE_PIXELS = 256;

/** A secret of 160 bits in base32, as RFC 4226 recommends. */
export function newSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** The address that an app reads from the picture. */
export function deviceUrl(of: {
  readonly issuer: string;
  readonly account: string;
  readonly secret: string;
}): string {
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
export function deviceQr(url: string): Promise<string> {
  return toDataURL(url, { width: PICTURE_PIXELS, margin: 2, errorCorrectionLevel: 'M' });
}

/** True where codes can be computed from this address, whoever made it. */
export function isDeviceUrl(url: string): boolean {
  return parse(url) !== undefined;
}

/**
 * The time step whose code this is, or undefined where it is none of the tolerated steps or not later than `afterStep`:
 * a code that was seen over somebody's shoulder is worth nothing once it was used (RFC 6238 section 5.2).
 */
export function acceptedStep(
  url: string,
  code: string,
  of: { readonly nowMs: number; readonly afterStep: number | undefined },
): number | undefined {
  const device = parse(url);
  const token = code.replace(/\s/g, '');
  // The library throws for digits of other scripts.
  if (!device || token.length !== device.digits || !/^[0-9]+$/.test(token)) return undefined;
  const delta = device.validate({ token, timestamp: of.nowMs, window: TOLERATED_STEPS });
  if (delta === null) return undefined;
  const step = device.counter({ timestamp: of.nowMs }) + delta;
  return of.afterStep !== undefined && step <= of.afterStep ? undefined : step;
}

function parse(url: string): TOTP | undefined {
  if (url.length > 2048) return undefined;
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
