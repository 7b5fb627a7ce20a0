// The marks on the buttons of providers, as SVG paths in a box of 24 by 24.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProviderConfig, ProviderType } from './config.ts';

/** Names of icons of the package simple-icons. Providers that are not listed do not want to be in it. */
const ICONS: Readonly<Partial<Record<ProviderType, string>>> = {
  apple: 'apple',
  auth0: 'auth0',
  discord: 'discord',
  facebook: 'facebook',
  github: 'github',
  'github-app': 'github',
  gitlab: 'gitlab',
  google: 'google',
  line: 'line',
  patreon: 'patreon',
  spotify: 'spotify',
  vk: 'vk',
  x: 'x',
};

/** Four squares; the colours are left to the page. */
const MICROSOFT = 'M1 1h10.5v10.5H1zM12.5 1H23v10.5H12.5zM1 12.5h10.5V23H1zM12.5 12.5H23V23H12.5z';

/** Undefined where the provider has no mark; then the page shows the first letter of its name. */
export function markOf({ provider }: ProviderConfig): string | undefined {
  if (provider === 'microsoft') return MICROSOFT;
  const icon = ICONS[provider];
  if (icon === undefined) return undefined;
  // One small file each: the index of the package holds thousands of icons.
  const file = fileURLToPath(import.meta.resolve(`simple-icons/icons/${icon}.svg`));
  return /<path d="([^"]+)"/.exec(readFileSync(file, 'utf8'))?.[1];
}
