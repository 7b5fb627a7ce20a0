// An OpenID provider in the same process, to try social sign-in without registering anywhere. For development only.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../lib/json.ts';
import { randomAlphanumeric } from '../../lib/secret.ts';
import { CommandError } from '../line/command.ts';

export interface DemoProvider {
  readonly url: string;
  /** Settings that offer it, laid over those of the server. */
  readonly flags: JsonObject;
  /** Answers for the server at this address, from now on. */
  open(publicUrl: string): void;
  stop(): void;
}

const ID = 'demo';
const MAPPER = `
local claims = std.extVar('claims');
{
  identity: {
    traits: { [if 'email' in claims then 'email']: claims.email },
    verified_addresses: if 'email_verified' in claims then [{ via: 'email', value: claims.email }] else [],
  },
}`;

/** Listens on this machine only. Throws CommandError where the package is not installed. */
export async function startDemoProvider(): Promise<DemoProvider> {
  const { default: Provider } = await import('oidc-provider').catch(() => {
    throw new CommandError(
      'the demo provider needs the package oidc-provider, which is not installed',
      'in a checkout of Bia: npm ci. Elsewhere: npm install --save-dev oidc-provider',
    );
  });
  let answer: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = await listening((request, response) => answer(request, response));
  const { port } = server.address() as AddressInfo; // it listens on a port
  const url = `http://127.0.0.1:${port}`;
  const secret = randomAlphanumeric(32);

  return {
    url,
    flags: flagsFor(url, secret),
    open: (publicUrl) => {
      const callback = `${publicUrl.replace(/\/$/, '')}/self-service/methods/oidc/callback/${ID}`;
      const provider = new Provider(url, {
        clients: [{ client_id: 'bia', client_secret: secret, redirect_uris: [callback] }],
        cookies: { keys: [randomAlphanumeric(32)] },
        claims: { email: ['email', 'email_verified'], profile: ['name'] },
        // The claims stand in the id_token, where Bia reads them.
        conformIdTokenClaims: false,
        pkce: { required: () => false },
        // Whoever writes a name or an address there is that person; any password will do.
        findAccount: (_context, id) => ({ accountId: id, claims: () => claimsOf(id) }),
      });
      answer = provider.callback();
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function claimsOf(id: string): {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly name: string;
} {
  const email = id.includes('@') ? id : `${id.replace(/[^\w.-]/g, '') || 'somebody'}@example.org`;
  return { sub: id, email, email_verified: true, name: id };
}

function listening(answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function flagsFor(url: string, secret: string): JsonObject {
  const provider = {
    id: ID,
    label: 'Demo provider',
    provider: 'generic',
    issuer_url: url,
    client_id: 'bia',
    client_secret: secret,
    scope: ['email', 'profile'],
    mapper_url: `base64://${Buffer.from(MAPPER).toString('base64')}`,
  };
  return {
    selfservice: {
      methods: { oidc: { enabled: true, config: { providers: [provider] } } },
      flows: { registration: { after: { oidc: { hooks: [{ hook: 'session' }] } } } },
    },
  };
}
