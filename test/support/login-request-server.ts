// A stand-in for the OAuth2 server whose login requests are answered: it hands challenges out and writes down what it is told.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '../../src/lib/json.ts';
import type { TestScope } from './server.ts';

export interface Told {
  readonly what: 'accept' | 'reject';
  readonly challenge: string;
  readonly body: JsonObject;
}

export interface LoginRequestServer {
  readonly url: string;
  readonly told: readonly Told[];
  /** A new login request; its challenge. */
  readonly ask: (request?: JsonObject) => string;
  /** Answered to every accept from now on; 200 where absent. */
  acceptStatus: number | undefined;
}

/** Where a browser is sent once a challenge was accepted or rejected. */
export const afterChallenge = (what: Told['what'], challenge: string): string =>
  `https://oauth2.example.org/${what}?challenge=${challenge}`;

export async function startLoginRequestServer(scope: TestScope): Promise<LoginRequestServer> {
  const requests = new Map<string, JsonObject>();
  const told: Told[] = [];
  const path = '/admin/oauth2/auth/requests/login';

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const challenge = url.searchParams.get('login_challenge') ?? '';
    const answer = (status: number, body: JsonObject): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.headers.authorization !== 'Bearer admin') return answer(401, {});
    const known = requests.get(challenge);
    if (!known) return answer(404, { error: 'Not Found' });
    if (url.pathname === path) return answer(200, { challenge, ...known });
    const what = url.pathname.endsWith('/accept') ? 'accept' : 'reject';
    const body = JSON.parse(await text(request)) as JsonObject; // what we sent is an object
    if (what === 'accept' && stand.acceptStatus)
      return answer(stand.acceptStatus, { error_hint: 'scripted' });
    told.push({ what, challenge, body });
    return answer(200, { redirect_to: afterChallenge(what, challenge) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on a port

  const stand: LoginRequestServer = {
    url: `http://127.0.0.1:${port}`,
    told,
    ask: (request = {}) => {
      const challenge = `challenge-${requests.size + 1}`;
      const asked = {
        skip: false,
        subject: '',
        client: { client_id: 'app', client_name: 'The App' },
        request_url: 'http://app.example.org/oauth2/auth?client_id=app',
      };
      requests.set(challenge, { ...asked, ...request });
      return challenge;
    },
    acceptStatus: undefined,
  };
  return stand;
}
