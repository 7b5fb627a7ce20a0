// Applications that use the official clients go through an account's life; every answer is one that the client understands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Configuration as NodeConfiguration, FrontendApi as NodeFrontendApi } from '@ory/client';
import {
  FrontendApi,
  instanceOfIdentity,
  instanceOfLoginFlow,
  instanceOfRegistrationFlow,
  instanceOfSettingsFlow,
  instanceOfSuccessfulNativeLogin,
  instanceOfSuccessfulNativeRegistration,
  instanceOfUiContainer,
  instanceOfUiNode,
  instanceOfUiNodeInputAttributes,
  type UiContainer,
} from '@ory/client-fetch';
import { SHARED_DATABASES } from '../support/databases.ts';
import { startListening } from '../support/listening-server.ts';
import { connectOryClient, refusal } from '../support/ory-client.ts';
import { OTHER_PASSWORD, PASSWORD } from '../support/server.ts';

const EMAIL = 'ada@example.org';

/** The client knows every node for what it is. */
function assertForm(ui: UiContainer): void {
  assert.ok(instanceOfUiContainer(ui));
  assert.ok(ui.nodes.length > 0);
  for (const node of ui.nodes) {
    assert.ok(instanceOfUiNode(node), JSON.stringify(node));
    assert.ok(instanceOfUiNodeInputAttributes(node.attributes), JSON.stringify(node));
  }
}

interface Field {
  readonly attributes: { readonly node_type: string; readonly name?: string; readonly value?: unknown };
}

const csrfToken = (nodes: readonly Field[]): string =>
  String(nodes.find(({ attributes }) => attributes.name === 'csrf_token')?.attributes.value);

for (const name of SHARED_DATABASES) {
  test(`a native app with the client for fetch: from registration to sign-out [${name}]`, async (t) => {
    const { publicUrl } = await startListening(t, name);
    const { configuration, understood } = connectOryClient(publicUrl, 'app');
    const api = new FrontendApi(configuration);

    const registration = understood(await api.createNativeRegistrationFlow());
    assert.ok(instanceOfRegistrationFlow(registration));
    assertForm(registration.ui);
    understood(await api.getRegistrationFlow({ id: registration.id }));
    const registered = understood(
      await api.updateRegistrationFlow({
        flow: registration.id,
        updateRegistrationFlowBody: { method: 'password', password: PASSWORD, traits: { email: EMAIL } },
      }),
    );
    assert.ok(instanceOfSuccessfulNativeRegistration(registered));
    assert.ok(instanceOfIdentity(registered.identity));
    assert.ok(registered.session_token);
    assert.ok(registered.session?.expires_at instanceof Date);

    const login = understood(await api.createNativeLoginFlow());
    assert.ok(instanceOfLoginFlow(login));
    assertForm(login.ui);
    understood(await api.getLoginFlow({ id: login.id }));
    const signedIn = understood(
      await api.updateLoginFlow({
        flow: login.id,
        updateLoginFlowBody: { method: 'password', identifier: EMAIL, password: PASSWORD },
      }),
    );
    assert.ok(instanceOfSuccessfulNativeLogin(signedIn));
    const xSessionToken = signedIn.session_token;
    assert.ok(xSessionToken);

    const session = understood(await api.toSession({ xSessionToken }));
    assert.equal(session.identity?.traits.email, EMAIL);
    assert.equal(session.authenticator_assurance_level, 'aal1');
    assert.ok(session.authenticated_at instanceof Date);

    const settings = understood(await api.createNativeSettingsFlow({ xSessionToken }));
    assert.ok(instanceOfSettingsFlow(settings));
    assertForm(settings.ui);
    understood(await api.getSettingsFlow({ id: settings.id, xSessionToken }));
    const saved = understood(
      await api.updateSettingsFlow({
        flow: settings.id,
        xSessionToken,
        updateSettingsFlowBody: { method: 'profile', traits: { email: EMAIL, name: 'Ada' } },
      }),
    );
    assert.equal(saved.state, 'success');
    assert.equal(saved.identity.traits.name, 'Ada');

    const others = understood(await api.listMySessions({ xSessionToken }));
    assert.equal(others.length, 1);
    assert.equal(understood(await api.disableMyOtherSessions({ xSessionToken })).count, 1);
    await api.performNativeLogout({ performNativeLogoutBody: { session_token: xSessionToken } });
    assert.deepEqual(await refusal(api.toSession({ xSessionToken })), { status: 401 });
  });

  test(`a page with the client for fetch: from registration to sign-out [${name}]`, async (t) => {
    const { publicUrl } = await startListening(t, name);
    const { configuration, understood } = connectOryClient(publicUrl, 'page');
    const api = new FrontendApi(configuration);

    const registration = understood(await api.createBrowserRegistrationFlow());
    assertForm(registration.ui);
    understood(await api.getRegistrationFlow({ id: registration.id }));
    const body = { method: 'password' as const, password: PASSWORD, traits: { email: EMAIL } };
    const { identity } = understood(
      await api.updateRegistrationFlow({
        flow: registration.id,
        updateRegistrationFlowBody: { ...body, csrf_token: csrfToken(registration.ui.nodes) },
      }),
    );
    assert.equal(understood(await api.toSession()).identity?.id, identity.id);

    const settings = understood(await api.createBrowserSettingsFlow());
    assertForm(settings.ui);
    const changed = understood(
      await api.updateSettingsFlow({
        flow: settings.id,
        updateSettingsFlowBody: {
          method: 'password',
          password: OTHER_PASSWORD,
          csrf_token: csrfToken(settings.ui.nodes),
        },
      }),
    );
    assert.equal(changed.state, 'success');

    const logout = understood(await api.createBrowserLogoutFlow());
    await api.updateLogoutFlow({ token: logout.logout_token });
    assert.deepEqual(await refusal(api.toSession()), { status: 401 });

    const login = understood(await api.createBrowserLoginFlow());
    const wrong = { method: 'password' as const, identifier: EMAIL, csrf_token: csrfToken(login.ui.nodes) };
    const submit = (password: string) =>
      api.updateLoginFlow({ flow: login.id, updateLoginFlowBody: { ...wrong, password } });
    assert.deepEqual(await refusal(submit(PASSWORD)), { status: 400 });
    assertForm(understood(await api.getLoginFlow({ id: login.id })).ui);
    const signedIn = understood(await submit(OTHER_PASSWORD));
    assert.equal(signedIn.session.identity?.id, identity.id);
    assert.deepEqual(await refusal(api.createBrowserLoginFlow()), {
      status: 400,
      id: 'session_already_available',
    });
  });

  test(`a web server with the client for Node passes its visitor's cookies on [${name}]`, async (t) => {
    const { publicUrl } = await startListening(t, name);
    const api = new NodeFrontendApi(new NodeConfiguration({ basePath: publicUrl }));
    const cookieOf = (headers: unknown): string =>
      ((headers as { 'set-cookie'?: readonly string[] })['set-cookie'] ?? []) // axios types headers by request library
        .map((line) => line.split(';')[0])
        .join('; ');

    const started = await api.createBrowserRegistrationFlow();
    const cookie = cookieOf(started.headers);
    const registered = await api.updateRegistrationFlow({
      flow: started.data.id,
      cookie,
      updateRegistrationFlowBody: {
        method: 'password',
        password: PASSWORD,
        traits: { email: EMAIL },
        csrf_token: csrfToken(started.data.ui.nodes),
      },
    });
    const visitor = cookieOf(registered.headers);
    const session = await api.toSession({ cookie: visitor });
    assert.equal(session.data.identity?.id, registered.data.identity.id);

    const settings = await api.createBrowserSettingsFlow({ cookie: visitor });
    const read = await api.getSettingsFlow({ id: settings.data.id, cookie: visitor });
    assert.equal(read.data.identity.id, registered.data.identity.id);
    const saved = await api.updateSettingsFlow({
      flow: read.data.id,
      cookie: visitor,
      updateSettingsFlowBody: {
        method: 'profile',
        traits: { email: EMAIL, age: 36 },
        csrf_token: csrfToken(read.data.ui.nodes),
      },
    });
    assert.deepEqual(saved.data.identity.traits, { email: EMAIL, age: 36 });

    const { data: logout } = await api.createBrowserLogoutFlow({ cookie: visitor });
    assert.equal((await api.updateLogoutFlow({ token: logout.logout_token, cookie: visitor })).status, 204);
    await assert.rejects(api.toSession({ cookie: visitor }), /status code 401/);
    const login = await api.createNativeLoginFlow();
    const signedIn = await api.updateLoginFlow({
      flow: login.data.id,
      updateLoginFlowBody: { method: 'password', identifier: EMAIL, password: PASSWORD },
    });
    assert.equal(signedIn.data.session.identity?.id, registered.data.identity.id);
  });
}
