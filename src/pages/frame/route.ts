// What a page answers, and where it lives. http/ mounts these on the public port.
import type { FlowRequest } from '../../flow/request.ts';

export type PageAnswer =
  | { readonly kind: 'html'; readonly status: number; readonly html: string }
  | { readonly kind: 'redirect'; readonly to: string }
  /** A file whose path holds a digest of its content, so that it may be kept for ever. */
  | { readonly kind: 'asset'; readonly contentType: string; readonly body: string };

export interface PageRoute {
  /** POST routes are protected by the port: the form must hold `csrf_token`, masked for this browser. */
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** May throw ApiError; the port shows it on the error page. */
  readonly handle: (request: FlowRequest, params: Readonly<Record<string, string>>) => Promise<PageAnswer>;
}
