// Traces for OpenTelemetry, where the program was started with an SDK of it: a span for each request, with its calls inside.
import type { Context, Span, TextMapGetter } from '@opentelemetry/api';
import type { Database, Stores } from '../../flow/store.ts';
import type { Outbound, OutboundRequest } from '../../outbound/outbound.ts';
import type { IncomingRequest } from '../port/incoming.ts';
import type { Answered, Port } from '../port/port.ts';

export interface Tracing {
  /** The port, with a span around each request; a trace that the caller began goes on in it. */
  readonly port: (port: Port) => Port;
  /** Names the span of this request by its route, which is known only now. */
  readonly answered: (answered: Pick<Answered, 'context' | 'endpoint' | 'status'>) => void;
  /** Calls to other services, each with a span that the other side can go on with. */
  readonly outbound: (outbound: Outbound) => Outbound;
  /** The transactions of a request. */
  readonly transaction: (transaction: Database['transaction']) => Database['transaction'];
}

/** Where the API keeps what an SDK has registered. Looked at without the API, which nobody loads who has no SDK. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

function isRegistered(): boolean {
  const registered: unknown = Reflect.get(globalThis, REGISTERED);
  return typeof registered === 'object' && registered !== null && 'trace' in registered;
}

/** Undefined where no SDK is registered: then nothing is loaded, and nothing wrapped. */
export async function createTracing(version: string): Promise<Tracing | undefined> {
  if (!isRegistered()) return undefined;
  const { context, propagation, SpanKind, SpanStatusCode, trace } = await import('@opentelemetry/api');
  const tracer = trace.getTracer('bia', version);

  /** Runs work inside a span, and ends it with what became of it. */
  async function inside<T>(
    of: {
      readonly name: string;
      readonly kind: (typeof SpanKind)[keyof typeof SpanKind];
      readonly parent?: Context;
    },
    work: (span: Span) => Promise<T>,
  ): Promise<T> {
    const parent = of.parent ?? context.active();
    const span = tracer.startSpan(of.name, { kind: of.kind }, parent);
    try {
      return await context.with(trace.setSpan(parent, span), () => work(span));
    } catch (error) {
      // Its type alone: a message may hold what a person typed.
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    port: (port) => (request, peer) =>
      inside(
        {
          name: request.method,
          kind: SpanKind.SERVER,
          parent: propagation.extract(context.active(), request, FROM_HEADERS),
        },
        () => port(request, peer),
      ),
    answered: ({ context: { method }, endpoint, status }) => {
      const span = trace.getActiveSpan();
      if (!span) return;
      span.updateName(`${method} ${endpoint}`);
      span.setAttributes({
        'http.request.method': method,
        'http.route': endpoint,
        'http.response.status_code': status,
      });
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    },
    outbound: ({ request }) => ({
      request: (url, given = {}) => {
        const method = given.method ?? 'GET';
        return inside({ name: method, kind: SpanKind.CLIENT }, async (span) => {
          // The host alone: what stands behind it may be a secret.
          span.setAttributes({
            'http.request.method': method,
            'server.address': URL.parse(url)?.hostname ?? '',
          });
          const headers: Record<string, string> = {};
          propagation.inject(context.active(), headers);
          const answer = await request(url, {
            ...given,
            headers: { ...given.headers, ...headers },
          } satisfies OutboundRequest);
          span.setAttribute('http.response.status_code', answer.status);
          return answer;
        });
      },
    }),
    transaction: (transaction) => (work) =>
      inside({ name: 'transaction', kind: SpanKind.INTERNAL }, () =>
        transaction((stores: Stores) => work(stores)),
      ),
  };
}

const FROM_HEADERS: TextMapGetter<IncomingRequest> = {
  get: (request, name) => request.header(name.toLowerCase()),
  keys: () => ['traceparent', 'tracestate', 'baggage'],
};
