// A person in a browser: keeps cookies, follows redirects by hand, fills forms in and presses their buttons. And the same for a page that works by script.
import assert from 'node:assert/strict';
import type { FlowKind } from '../../src/flow/flow.ts';
import type { Peer } from '../../src/http/guard/client-address.ts';
import { type FlowJson, json, messageIds } from './flow-json.ts';
import { type Ask, ID_URL, PASSWORD, type TestServer } from './server.ts';

type Values = Readonly<Record<string, string>>;

export interface CookieJar {
  /** Each cookie as the server set it last, by name. */
  readonly all: ReadonlyMap<string, string>;
  /** For the request header `Cookie`; undefined where there is none. */
  readonly header: () => string | undefined;
  readonly take: (response: Response) => void;
  readonly set: (name: string, value: string) => void;
  readonly drop: (name: string) => void;
}

export const SESSION_COOKIE = 'ory_kratos_session';
export const CONTINUITY_COOKIE = 'ory_kratos_continuity';

export function createCookieJar(): CookieJar {
  const all = new Map<string, string>();
  return {
    all,
    header: () =>
      all.size === 0 ? undefined : [...all].map(([name, value]) => `${name}=${value}`).join('; '),
    take: (response) => {
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/; Max-Age=0(?:;|$)/.test(line)) all.delete(name);
        else all.set(name, value);
      }
    },
    set: (name, value) => void all.set(name, value),
    drop: (name) => void all.delete(name),
  };
}

export interface Browser {
  readonly cookies: CookieJar;
  /** The address in its bar. */
  readonly at: () => string;
  /** The form that the present page shows; fails where it shows none. */
  readonly form: () => FlowJson;
  /** Message ids on the present page. */
  readonly see: () => readonly number[];
  /** Goes to an address and on by its redirects, until a page of the application is reached or an answer is no redirect. */
  readonly open: (address: string) => Promise<Response>;
  readonly fill: (values: Values) => void;
  /** Sends the form by the button of this value (and name, where several have it), with everything that stands in its part of the form. */
  readonly press: (button: string, name?: string) => Promise<Response>;
  /** One request with its cookies and without following. */
  readonly ask: (method: string, path: string, ask?: Ask) => Promise<Response>;
  readonly signUp: (email: string, password?: string) => Promise<void>;
  readonly signIn: (email: string, password?: string) => Promise<void>;
  readonly isSignedIn: () => Promise<boolean>;
}

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
/** More redirects in a row are a loop. */
const MAX_REDIRECTS = 10;

export function createBrowser(server: Pick<TestServer, 'ask'>, of: { readonly peer?: Peer } = {}): Browser {
  const cookies = createCookieJar();
  let address = 'about:blank';
  let shown: FlowJson | undefined;
  let filled: Values = {};

  const ask = async (method: string, path: string, options: Ask = {}): Promise<Response> => {
    const cookie = cookies.header();
    const headers = { accept: HTML, ...(cookie ? { cookie } : {}), ...options.headers };
    const response = await server.ask(method, path, { ...of, ...options, headers });
    cookies.take(response);
    return response;
  };

  const follow = async (first: Response): Promise<Response> => {
    shown = undefined;
    filled = {};
    let response = first;
    for (let count = 0; response.status >= 300 && response.status < 400; count += 1) {
      assert.ok(count < MAX_REDIRECTS, `too many redirects, last to ${address}`);
      address = new URL(response.headers.get('location') ?? '', address).href;
      if (!address.startsWith(ID_URL)) return arrive(response);
      response = await ask('GET', address);
    }
    return response;
  };

  /** A page of the application: it reads the flow that its address names with the visitor's cookies. */
  const arrive = async (response: Response): Promise<Response> => {
    const { pathname, searchParams } = new URL(address);
    const id = searchParams.get('flow');
    const kind = pathname.slice(1);
    if (id === null) return response;
    const fetched = await ask('GET', `/self-service/${kind}/flows?id=${id}`);
    if (fetched.status === 200) shown = await json<FlowJson>(fetched);
    return response;
  };

  const form = (): FlowJson => {
    assert.ok(shown, `no form at ${address}`);
    return shown;
  };

  const open = async (to: string): Promise<Response> => {
    address = new URL(to, ID_URL).href;
    // A page of the application, such as a link that an administrator sends.
    shown = undefined;
    filled = {};
    if (!address.startsWith(ID_URL)) return arrive(new Response());
    return follow(await ask('GET', address));
  };

  const press = async (button: string, name?: string): Promise<Response> => {
    const { ui } = form();
    const pressed = ui.nodes.find(
      ({ attributes }) =>
        attributes.type === 'submit' &&
        attributes.value === button &&
        (name === undefined || attributes.name === name),
    );
    assert.ok(pressed, `no button "${button}" at ${address}`);
    const fields = new URLSearchParams();
    for (const { group, attributes } of ui.nodes) {
      const { name: field, type, value } = attributes;
      const isInPart = type === 'hidden' || group === 'default' || group === pressed.group;
      if (field === undefined || type === 'submit' || !isInPart) continue;
      const text = filled[field] ?? (value === undefined ? undefined : String(value));
      // An empty checkbox is not sent.
      if (text !== undefined && !(type === 'checkbox' && text === 'false')) fields.append(field, text);
    }
    for (const [typed, value] of Object.entries(filled)) if (!fields.has(typed)) fields.append(typed, value);
    fields.append(pressed.attributes.name ?? '', button);
    const sent = await ask(ui.method, ui.action, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: fields.toString(),
    });
    return follow(sent);
  };

  const fill = (values: Values): void => {
    filled = { ...filled, ...values };
  };

  return {
    cookies,
    at: () => address,
    form,
    see: () => messageIds(form()),
    open,
    fill,
    press,
    ask,
    signUp: async (email, password = PASSWORD) => {
      await open('/self-service/registration/browser');
      fill({ 'traits.email': email, password });
      await press('password');
      assert.equal(shown, undefined, `${email} could not sign up`);
    },
    signIn: async (email, password = PASSWORD) => {
      await open('/self-service/login/browser');
      fill({ identifier: email, password });
      await press('password');
    },
    isSignedIn: async () => (await ask('GET', '/sessions/whoami')).status === 200,
  };
}

/** A page that works by script: JSON, with cookies. */
export interface ScriptedPage {
  readonly cookies: CookieJar;
  readonly ask: (method: string, path: string, body?: object) => Promise<Response>;
  readonly start: (kind: FlowKind, query?: string) => Promise<FlowJson>;
  /** Sends a body to a flow, with the anti-CSRF token of its form. */
  readonly send: (flow: FlowJson, body: object) => Promise<Response>;
}

export function createScriptedPage(
  server: Pick<TestServer, 'ask'>,
  cookies: CookieJar = createCookieJar(),
): ScriptedPage {
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    const cookie = cookies.header();
    const response = await server.ask(method, path, {
      headers: {
        accept: 'application/json',
        ...(cookie ? { cookie } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    cookies.take(response);
    return response;
  };
  return {
    cookies,
    ask,
    start: async (kind, query = '') => json(await ask('GET', `/self-service/${kind}/browser${query}`)),
    send: (flow, body) => {
      const token = flow.ui.nodes.find(({ attributes }) => attributes.name === 'csrf_token');
      return ask('POST', flow.ui.action, { csrf_token: token?.attributes.value, ...body });
    },
  };
}
