// What a flow procedure answers to the HTTP layer: values, which http/port/respond.ts alone turns into responses.

import type { Identity } from '../identity/identity.ts';
import type { IdentityId } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';
import type { ApiError } from '../protocol/api-error.ts';
import type { Flow } from './flow.ts';
import type { Continuity } from './request.ts';

/** A session for the browser's cookie. */
export interface CookieSession {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Cookies that go with an answer. */
export interface CookieChanges {
  readonly session?: CookieSession | 'clear';
  /** The browser is one of this person's from now on, and its guesses count apart from those of strangers. */
  readonly knownTo?: IdentityId;
  /** The anti-CSRF token is replaced by the request's `nextCsrfToken`. */
  readonly rotatesCsrf?: boolean;
  /** Added to what the browser holds of this kind. */
  readonly continuity?: Continuity;
}

export type FlowResult =
  /** A flow was made: JSON, or on to its page. */
  | {
      readonly kind: 'started';
      readonly flow: Flow;
      readonly subject?: Identity;
      /** The first code of a native app, in clear; shown here and nowhere else. */
      readonly exchangeCode?: string;
    }
  /** The form again: rejected, continued, or saved. */
  | {
      readonly kind: 'form';
      readonly flow: Flow;
      readonly subject?: Identity;
      readonly jsonStatus: 200 | 400;
      /** The form comes back because of something that the person can mend. */
      readonly isRejected?: true;
      readonly cookies?: CookieChanges;
      /** Added to the flow's JSON. */
      readonly continueWith?: readonly JsonObject[];
      /** Where a browser goes instead of the flow's page. */
      readonly goTo?: string;
    }
  /** Leave for another place: 303, or 422 for pages that run by script and for native apps. */
  | {
      readonly kind: 'goto';
      readonly url: string;
      readonly isNative?: boolean;
      /** 302 where Kratos says so; else 303. */
      readonly status?: 302;
      readonly cookies?: CookieChanges;
    }
  /** On to another address, for apps too: with a redirect and without JSON. */
  | { readonly kind: 'moved'; readonly url: string; readonly cookies?: CookieChanges }
  /** The flow is over: a result in JSON, or on to the return address. */
  | {
      readonly kind: 'done';
      readonly json: JsonObject;
      readonly goTo?: string;
      readonly cookies?: CookieChanges;
      /** A native app, which is one of this person's from now on. */
      readonly knownTo?: IdentityId;
      /** It must not tell whether there was an account: it leaves at even times, as refusals do. */
      readonly isConcealed?: true;
    }
  /** A refusal that changes cookies. */
  | {
      readonly kind: 'refused';
      readonly error: ApiError;
      readonly cookies: CookieChanges;
      /** A person in a browser sees it on the error page. */
      readonly isShown?: true;
    }
  /** An empty answer in JSON (204), or on to an address. */
  | {
      readonly kind: 'left';
      readonly goTo?: string;
      readonly cookies?: CookieChanges;
      readonly clearsBrowserData?: boolean;
    };
