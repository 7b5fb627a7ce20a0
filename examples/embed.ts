// An application with Bia inside: one process, one port, a route of its own that knows who is signed in.
//
// node examples/embed.ts [port]        then open http://127.0.0.1:3000/
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createBia } from '../src/app/create-app.ts';

const port = Number(process.argv[2] ?? 3000);
const address = `http://127.0.0.1:${port}/`;

const personSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          title: 'E-mail address',
          'ory.sh/kratos': { credentials: { password: { identifier: true } } },
        },
      },
      required: ['email'],
      additionalProperties: false,
    },
  },
};

const bia = await createBia({
  config: {
    // Everything is forgotten at the end; sqlite://data/app.sqlite would keep it.
    dsn: 'memory',
    dev: true,
    serve: { public: { base_url: address } },
    identity: {
      default_schema_id: 'person',
      schemas: [
        { id: 'person', url: `base64://${Buffer.from(JSON.stringify(personSchema)).toString('base64')}` },
      ],
    },
    selfservice: {
      default_browser_return_url: address,
      // Off, so that the example works without the internet. Leave it on for real people.
      methods: { password: { config: { haveibeenpwned_enabled: false } } },
      flows: {
        registration: { style: 'unified', after: { password: { hooks: [{ hook: 'session' }] } } },
        logout: { after: { default_browser_return_url: address } },
      },
    },
  },
});

/** Asks the Bia in this process, not the network; cookies and tokens of the visitor go along. */
async function whoIs(request: Request): Promise<string | undefined> {
  const headers = new Headers(request.headers);
  headers.set('Accept', 'application/json');
  const answer = await bia.publicFetch(new Request(`${address}sessions/whoami`, { headers }));
  if (answer.status !== 200) return undefined;
  const session: { readonly identity?: { readonly traits?: { readonly email?: string } } } = JSON.parse(
    await answer.text(),
  );
  return session.identity?.traits?.email;
}

const app = new Hono<{ Bindings: HttpBindings }>();

app.get('/', async (c) => {
  const email = await whoIs(c.req.raw);
  return email === undefined
    ? c.html('<p>You are not signed in. <a href="/ui/login">Sign in</a></p>')
    : c.html('<p>You are signed in. <a href="/ui/settings">Your account</a></p>');
});

app.get('/hello', async (c) => {
  const email = await whoIs(c.req.raw);
  return email === undefined ? c.text('Hello, stranger.', 401) : c.text(`Hello, ${email}.`);
});

// Whatever the application has no route for is Bia's.
app.all('*', (c) => {
  const { remoteAddress = '', remotePort = 0 } = c.env.incoming.socket;
  return bia.publicFetch(c.req.raw, { address: remoteAddress, port: remotePort });
});

const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1', overrideGlobalObjects: false }, () => {
  console.log(`Listening on ${address}`);
});

process.once('SIGTERM', () => server.close(() => void bia.close()));
process.once('SIGINT', () => server.close(() => void bia.close()));
