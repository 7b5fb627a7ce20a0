// A native app, as seen from its side: create an account, ask who it is, sign out, sign in again.
//
// npm start                                        in one terminal
// node examples/api-client.ts [address]            in another
import { Configuration, FrontendApi, ResponseError } from '@ory/client-fetch';

const basePath = process.argv[2] ?? 'http://127.0.0.1:4433';
const api = new FrontendApi(new Configuration({ basePath }));

const email = `native-${Date.now()}@example.org`;
const password = 'a long sentence that nobody guesses';

const registration = await api.createNativeRegistrationFlow();
const registered = await api.updateRegistrationFlow({
  flow: registration.id,
  updateRegistrationFlowBody: { method: 'password', traits: { email }, password },
});
console.log(`registered ${registered.identity.id}`);

// With the hook `session` the new person is signed in at once; otherwise there is no token yet.
if (registered.session_token) await signOut(registered.session_token);

const login = await api.createNativeLoginFlow();
const signedIn = await api.updateLoginFlow({
  flow: login.id,
  updateLoginFlowBody: { method: 'password', identifier: email, password },
});
const token = signedIn.session_token ?? '';

const session = await api.toSession({ xSessionToken: token });
console.log(
  `signed in as ${JSON.stringify(session.identity?.traits)} at ${session.authenticator_assurance_level}`,
);

await signOut(token);

async function signOut(sessionToken: string): Promise<void> {
  await api.performNativeLogout({ performNativeLogoutBody: { session_token: sessionToken } });
  try {
    await api.toSession({ xSessionToken: sessionToken });
    console.log('still signed in: this should not happen');
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    console.log(`signed out: whoami answers ${error.response.status}`);
  }
}
