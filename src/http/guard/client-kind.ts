// Which kind of answer does a client want? Three questions that must not be merged (docs/protocol/http.md 0.1).
import type { ClientKind } from '../../flow/request.ts';

export function clientKind(accept: string | undefined, contentType: string | undefined): ClientKind {
  const wide = negotiate(accept, ['text/html', 'text/*', '*/*', 'application/json']);
  const narrow = negotiate(accept, ['text/html', 'application/json']);
  return {
    isJson: wide === 'application/json' || contentType === 'application/json',
    takesHtml: wide === 'text/html',
    acceptsJson: narrow === 'application/json',
  };
}

/** The best offer for an Accept header; the first offer where the header is missing or fits none. */
function negotiate(accept: string | undefined, offers: readonly [string, ...string[]]): string {
  let best: string = offers[0];
  if (!accept) return best;
  let bestQuality = -1;
  let leastWild = 3;
  const ranges = accept.split(',').map(parseRange);
  for (const offer of offers) {
    for (const { type, quality } of ranges) {
      if (quality === 0 || quality < bestQuality) continue;
      const wildness = fit(type, offer);
      if (wildness === undefined) continue;
      if (quality > bestQuality || wildness < leastWild)
        [best, bestQuality, leastWild] = [offer, quality, wildness];
    }
  }
  return best;
}

function parseRange(text: string): { readonly type: string; readonly quality: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const q = parameters.find((parameter) => parameter.toLowerCase().startsWith('q='));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  return { type: type.toLowerCase(), quality: Number.isFinite(quality) ? quality : 0 };
}

/** How loosely a range fits an offer: 0 exactly, 1 by type, 2 by any; undefined where it does not. */
function fit(range: string, offer: string): number | undefined {
  if (range === '*/*') return 2;
  if (range.endsWith('/*')) return offer.startsWith(range.slice(0, -1)) ? 1 : undefined;
  return range === offer ? 0 : undefined;
}
