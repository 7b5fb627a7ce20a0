// A route as a value: what a port mounts. Handlers see facts and answer with values.
import type { HttpAnswer } from './answer.ts';
import type { HttpContext } from './context.ts';

/** Which allowance a request of this route uses up (docs/protocol/routes.txt); absent: none. */
export type RateBucket = 'low' | 'medium' | 'high';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** `{name}` stands for one path segment. A GET route answers HEAD too. */
  readonly path: string;
  readonly bucket?: RateBucket;
  /** True where no cookie counts for it, or a proof of its own stands in for the anti-CSRF token. */
  readonly isCsrfExempt?: true;
  /** May throw ApiError; the port turns it into the error envelope. */
  readonly handle: (context: HttpContext) => Promise<HttpAnswer>;
}
