// Addresses of endpoints below the base address of a provider.

/** The base may end in a slash, and may have a path of its own. */
export const below = (base: string, path: string): string => `${base.replace(/\/+$/, '')}${path}`;
