// What flows need of the configuration, in their own terms and units.
import type { Config } from '../config/schema.ts';
import type { RequiredAal } from '../session/aal.ts';
import type { FlowKind } from './flow.ts';

export interface FlowSettings {
  /** Public base address, ending in a slash. */
  readonly publicUrl: string;
  /** Pages of the operator, or the built-in ones. */
  readonly uiUrl: Readonly<Record<FlowKind | 'error', string>>;
  readonly lifespanMs: Readonly<Record<FlowKind, number>>;
  readonly defaultReturnUrl: string;
  readonly allowedReturnUrls: readonly string[];
  /** Where one goes after a flow: by method, and for all methods. */
  readonly afterUrls: Readonly<
    Record<
      FlowKind | 'logout',
      { readonly all?: string; readonly byMethod: Readonly<Record<string, string>> }
    >
  >;
  readonly loginStyle: 'unified' | 'identifier_first';
  readonly registrationStyle: 'unified' | 'profile_first';
  readonly isRegistrationOpen: boolean;
  readonly hintsAtCredentials: boolean;
  readonly concealsAccounts: boolean;
  /** The first proof of an address ends what was set up before it. */
  readonly endsUnprovenCredentials: boolean;
  /** How long after a sign-in one may change how one signs in; 0 or less: always. */
  readonly privilegedMaxAgeMs: number;
  readonly settingsAal: RequiredAal;
  readonly whoamiAal: RequiredAal;
  /** Whether clients are told how long they may keep the answer of whoami. */
  readonly isWhoamiCacheable: boolean;
  readonly whoamiCacheMaxAgeMs: number | undefined;
  readonly sessionLifespanMs: number;
  readonly clearsBrowserData: boolean;
  readonly logoutSecrets: readonly string[];
  /** Sessions outlive the browser. */
  readonly keepsSessionCookie: boolean;
  /** Flows for an OAuth2 server return to its authorization request. */
  readonly overridesReturnTo: boolean;
  readonly isRecoveryOpen: boolean;
  /** The one method that recovers accounts, and the one that verifies addresses. */
  readonly recoveryMethod: string;
  readonly verificationMethod: string;
  /** Apps are handed over from flow to flow by `continue_with` instead of redirects. */
  readonly usesTransitions: boolean;
  /** Recovery asks first which of the person's addresses to use. */
  readonly choosesRecoveryAddress: boolean;
  /** Every answer that could lead to a verification names all of them. */
  readonly namesEveryVerification: boolean;
  readonly isVerificationOpen: boolean;
}

interface AfterUrls {
  readonly all?: string;
  readonly byMethod: Readonly<Record<string, string>>;
}

const KINDS = ['login', 'registration', 'recovery', 'verification', 'settings'] as const;

/** Reads the settings of flows out of a loaded configuration. `publicUrl` is the effective base address. */
export function flowSettings(
  config: Config,
  effective: { readonly publicUrl: string; readonly secrets: readonly string[] },
): FlowSettings {
  const { selfservice, session, security } = config;
  const flows = selfservice.flows;
  // Addresses may be given relative to the public one.
  const absolute = (address: string): string => new URL(address, effective.publicUrl).href;
  const page = (configured: string | undefined, builtIn: string): string =>
    absolute(configured ?? `ui/${builtIn}`);
  // Clients get these back and compare them: an address that is complete stays as it was written.
  const asWritten = (address: string): string =>
    /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : absolute(address);
  const after = (block: unknown): AfterUrls => afterUrls(block, asWritten);
  return {
    publicUrl: effective.publicUrl,
    uiUrl: {
      login: page(flows.login.ui_url, 'login'),
      registration: page(flows.registration.ui_url, 'registration'),
      recovery: page(flows.recovery.ui_url, 'recovery'),
      verification: page(flows.verification.ui_url, 'verification'),
      settings: page(flows.settings.ui_url, 'settings'),
      error: page(flows.error.ui_url, 'error'),
    },
    lifespanMs: {
      login: flows.login.lifespan,
      registration: flows.registration.lifespan,
      recovery: flows.recovery.lifespan,
      verification: flows.verification.lifespan,
      settings: flows.settings.lifespan,
    },
    defaultReturnUrl: asWritten(selfservice.default_browser_return_url),
    allowedReturnUrls: selfservice.allowed_return_urls ?? [],
    afterUrls: {
      ...(Object.fromEntries(KINDS.map((kind) => [kind, after(flows[kind].after)])) as Record<
        FlowKind,
        AfterUrls
      >), // the keys are exactly KINDS
      logout: after(flows.logout.after),
    },
    loginStyle: flows.login.style,
    registrationStyle: flows.registration.enable_legacy_one_step ? 'unified' : flows.registration.style,
    isRegistrationOpen: flows.registration.enabled,
    hintsAtCredentials: flows.registration.login_hints,
    concealsAccounts: security.account_enumeration.mitigate,
    endsUnprovenCredentials: security.end_unproven_credentials,
    privilegedMaxAgeMs: flows.settings.privileged_session_max_age,
    settingsAal: flows.settings.required_aal,
    whoamiAal: session.whoami.required_aal,
    isWhoamiCacheable: config.feature_flags.cacheable_sessions,
    whoamiCacheMaxAgeMs: config.feature_flags.cacheable_sessions_max_age,
    sessionLifespanMs: session.lifespan,
    clearsBrowserData: flows.logout.clear_browser_data,
    logoutSecrets: effective.secrets,
    keepsSessionCookie: session.cookie.persistent,
    overridesReturnTo: config.oauth2_provider?.override_return_to ?? false,
    isRecoveryOpen: flows.recovery.enabled,
    recoveryMethod: flows.recovery.use,
    verificationMethod: flows.verification.use,
    usesTransitions: config.feature_flags.use_continue_with_transitions,
    choosesRecoveryAddress: config.feature_flags.choose_recovery_address,
    namesEveryVerification: config.feature_flags.legacy_continue_with_verification_ui,
    isVerificationOpen: flows.verification.enabled,
  };
}

/** The `after` block mixes one address for all with blocks by method; each block may carry its own address. */
function afterUrls(after: unknown, absolute: (address: string) => string): AfterUrls {
  const byMethod: Record<string, string> = {};
  let all: string | undefined;
  for (const [key, value] of Object.entries(after ?? {})) {
    if (key === 'default_browser_return_url' && typeof value === 'string') all = absolute(value);
    else if (typeof value === 'object' && value !== null && 'default_browser_return_url' in value) {
      const url = value.default_browser_return_url;
      if (typeof url === 'string') byMethod[key] = absolute(url);
    }
  }
  return { ...(all === undefined ? {} : { all }), byMethod };
}
