// The environment of this process: the only place that reads it.

/** For the composition root and the command line. */
export const processEnv = (): Readonly<Record<string, string | undefined>> => process.env;
