// What the two ports answer: every route with what it works on.

import { MAILBOX_PATH, mailboxUrl } from '../config/dev-mailbox.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Composer } from '../courier/message.ts';
import type { FlowDeps } from '../flow/deps.ts';
import type { Cookies } from '../http/guard/cookies.ts';
import { createEvenTime } from '../http/guard/even-time.ts';
import type { Responder } from '../http/port/respond.ts';
import type { Route } from '../http/port/route.ts';
import { adminCourierRoutes } from '../http/routes/admin/courier.ts';
import { adminEventRoutes } from '../http/routes/admin/events.ts';
import { hookEventRoutes } from '../http/routes/admin/hook-events.ts';
import { adminIdentityRoutes } from '../http/routes/admin/identities.ts';
import { adminRecoveryRoutes } from '../http/routes/admin/recovery.ts';
import { adminSessionRoutes } from '../http/routes/admin/sessions.ts';
import { redirectsToAdmin, redirectsToPublic } from '../http/routes/cross-port.ts';
import { adminHealthRoutes, publicHealthRoutes } from '../http/routes/health.ts';
import { devInboxRoutes } from '../http/routes/public/dev-inbox.ts';
import { flowRoutes } from '../http/routes/public/flows.ts';
import { knownDeviceRoute } from '../http/routes/public/known-device.ts';
import { methodRoutes } from '../http/routes/public/methods.ts';
import { pageHeaders, pageRoutes } from '../http/routes/public/pages.ts';
import { publicDataRoutes } from '../http/routes/public/public-data.ts';
import { sessionRoutes } from '../http/routes/public/sessions.ts';
import { showConfig } from '../identity/admin/administration.ts';
import { createSealer } from '../lib/cipher.ts';
import { VERSION } from '../lib/version.ts';
import type { Locales } from '../locale/locales.ts';
import { lookOf } from '../pages/frame/look.ts';
import { createInbox } from '../pages/inbox/inbox.ts';
import { createPages } from '../pages/pages.ts';
import type { Tokenizer } from '../session/tokenizer.ts';
import type { MigratableDatabase } from '../store/open.ts';
import type { Services } from './shared-services.ts';

export interface MountedRoutes {
  readonly public: readonly Route[];
  readonly admin: readonly Route[];
}

/** Routes are tried in this order. */
export function mountRoutes(
  { config, revision }: LoadedConfig,
  services: Services,
  of: {
    readonly flow: FlowDeps;
    readonly composer: Composer;
    readonly locales: Locales;
    readonly cookies: Cookies;
    readonly responder: Responder;
    readonly hasSms: boolean;
    readonly publicUrl: string;
    readonly adminUrl: string;
    readonly paginationKeys: readonly string[];
    readonly tokenizer: Tokenizer;
  },
): MountedRoutes {
  const { clock, database, metrics } = services;
  const { flow, composer, locales, cookies, responder, hasSms, publicUrl, adminUrl } = of;
  const { methods, schemas, settings } = flow;
  const pageSealer = (list: string) => createSealer(of.paginationKeys, `page of ${list}`);
  const transaction: MigratableDatabase['transaction'] = (work) => database.transaction(work);
  const look = lookOf(config.pages);
  const mailbox = mailboxUrl(config, publicUrl);
  const pages = createPages({
    flow,
    look,
    locales,
    hasSms,
    ...(mailbox === undefined ? {} : { mailboxUrl: mailbox }),
  });
  const imageOrigins = [look.logoUrl, look.darkLogoUrl, look.faviconUrl].flatMap((url) =>
    url ? [new URL(url, publicUrl).origin] : [],
  );
  const inbox =
    mailbox === undefined
      ? undefined
      : createInbox({
          messages: database.stores.messages,
          html: composer.html,
          clock,
          frame: pages.frame,
          path: MAILBOX_PATH,
        });
  return {
    public: [
      ...publicHealthRoutes(services),
      ...sessionRoutes({ flow, cookies, tokenizer: of.tokenizer }),
      ...flowRoutes({
        flow,
        cookies,
        responder,
        evenTime: createEvenTime(config.security.account_enumeration.answer_step),
      }),
      knownDeviceRoute({ flow, responder }),
      ...methodRoutes({ flow, cookies, responder }, 'public'),
      ...publicDataRoutes({ schemas, database, settingsUrl: settings.uiUrl.settings }),
      ...pageRoutes({
        pages: [...pages.routes, ...(inbox?.assets ?? [])],
        cookies,
        responder,
        imageOrigins,
      }),
      ...(inbox && mailbox !== undefined
        ? devInboxRoutes({
            inbox,
            path: MAILBOX_PATH,
            url: mailbox,
            pageHeaders: pageHeaders(imageOrigins),
          })
        : []),
      ...redirectsToAdmin(adminUrl),
    ],
    admin: [
      // Before the routes with parameters: /sessions/whoami is nobody's session.
      ...redirectsToPublic(publicUrl),
      ...adminHealthRoutes({
        ...services,
        version: VERSION,
        revision: () => revision,
        metrics: metrics.text,
      }),
      ...adminIdentityRoutes({
        administration: { clock, schemas, credentialRules: methods, transaction },
        identities: database.stores.identities,
        credentialTypes: services.parts.credentialTypes,
        showConfig: showConfig(methods),
        pageSealer: pageSealer('identities'),
        publicUrl,
        adminUrl,
      }),
      ...adminRecoveryRoutes({ flow }),
      ...methodRoutes({ flow, cookies, responder }, 'admin'),
      ...adminSessionRoutes({
        administration: {
          clock,
          transaction,
          lifespanMs: config.session.lifespan,
          earliestExtendMs: config.session.earliest_possible_extend ?? config.session.lifespan,
        },
        sessions: database.stores.sessions,
        pageSealer: pageSealer('sessions'),
        publicUrl,
        answersExtendEmpty: config.feature_flags.faster_session_extend,
      }),
      ...hookEventRoutes({ clock, outbox: database.stores.outbox, pageSealer: pageSealer('hook events') }),
      ...adminCourierRoutes({
        clock,
        messages: database.stores.messages,
        pageSealer: pageSealer('messages'),
        showsTexts: config.dev,
      }),
      ...adminEventRoutes({ events: database.stores.events, pageSealer: pageSealer('security events') }),
    ],
  };
}
