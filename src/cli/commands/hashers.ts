// `bia hashers argon2 hash`: hashes of passwords as the server would store them, for imports.
import { type Argon2Parameters, argon2Hash, DEFAULT_ARGON2 } from '../../hash/argon2.ts';
import { hashAlgorithm } from '../../hash/hasher-settings.ts';
import { type CommandContext, type Handler, UsageError } from '../line/command.ts';

export const hashByArgon2: Handler = async (invocation, context) => {
  const { io } = context;
  const files = invocation.all('config').flatMap((file) => file.split(','));
  const given = invocation.positionals;
  const passwords = given.length > 0 ? given : linesOf(await io.readStdin());
  if (passwords.length === 0) throw new UsageError('there is no password to hash');
  const parameters = files.length === 0 ? DEFAULT_ARGON2 : await configured(files, context);
  // One after the other: each takes as much memory as a sign-in.
  for (const password of passwords) io.out(`${await argon2Hash(password, parameters)}\n`);
  return 0;
};

/** Those of hashers.argon2, also where new passwords are hashed by bcrypt. */
async function configured(files: readonly string[], { io, deps }: CommandContext): Promise<Argon2Parameters> {
  const loader = await deps.createLoader();
  const { config } = loader.load({ files, env: io.env });
  const algorithm = hashAlgorithm({ ...config, hashers: { ...config.hashers, algorithm: 'argon2' } });
  return algorithm.algorithm === 'argon2' ? algorithm.argon2 : DEFAULT_ARGON2;
}

const linesOf = (text: string): readonly string[] => text.split(/\r?\n/).filter((line) => line !== '');
