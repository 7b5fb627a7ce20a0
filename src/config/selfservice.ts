// Settings of the self-service flows.
import type { TSchema } from 'typebox';
import { Type } from '../schema/typebox.ts';
import { after, before, duration, flag, hookList, section, text } from './fields.ts';

const uiUrl = text('Page of your own for this flow; without it Bia shows its built-in page.');
const lifespan = duration('1h', 'How long a flow can be submitted.');
const requiredAal = (description: string) =>
  Type.Unsafe<'aal1' | 'highest_available'>({
    enum: ['aal1', 'highest_available'],
    default: 'highest_available',
    description,
  });
const strategy = Type.Unsafe<'link' | 'code'>({
  enum: ['link', 'code'],
  default: 'code',
  description: 'What is sent to the address.',
});

const flows = section({
  error: section({ ui_url: uiUrl }),
  login: section({
    ui_url: uiUrl,
    lifespan,
    style: Type.Unsafe<'unified' | 'identifier_first'>({
      enum: ['unified', 'identifier_first'],
      default: 'unified',
      description: 'Everything on one page, or the identifier first.',
    }),
    before,
    after,
  }),
  registration: section({
    enabled: flag(true, 'Whether people can create accounts.'),
    login_hints: flag(false, 'Tell how an existing account signs in when its identifier is taken.'),
    ui_url: uiUrl,
    lifespan,
    style: Type.Unsafe<'unified' | 'profile_first'>({
      enum: ['unified', 'profile_first'],
      default: 'profile_first',
      description: 'Everything on one page, or the profile first and then a way to sign in.',
    }),
    enable_legacy_one_step: flag(false, 'Older name of style unified; wins where it is on.'),
    before,
    after,
  }),
  settings: section({
    ui_url: uiUrl,
    lifespan,
    privileged_session_max_age: duration(
      '1h',
      'How long after signing in a person may change passwords and other credentials.',
    ),
    required_aal: requiredAal('Factors that settings ask for.'),
    before,
    after,
  }),
  recovery: section({
    enabled: flag(false, 'Whether people can recover their accounts.'),
    ui_url: uiUrl,
    lifespan,
    use: strategy,
    notify_unknown_recipients: flag(false, 'Also notify addresses that have no account.'),
    before,
    after,
  }),
  verification: section({
    enabled: flag(false, 'Whether addresses are verified.'),
    ui_url: uiUrl,
    lifespan,
    use: strategy,
    notify_unknown_recipients: flag(false, 'Also notify addresses that have no account.'),
    before,
    after,
  }),
  logout: section({
    clear_browser_data: flag(false, 'Send Clear-Site-Data when a browser signs out.'),
    after: section({ default_browser_return_url: text('Where a browser goes afterwards.'), hooks: hookList }),
  }),
});

/** The section `selfservice`, with the methods that are built and those that are only known. */
export function selfserviceSection<Methods extends TSchema>(methods: Methods) {
  return Type.Object(
    {
      default_browser_return_url: Type.String({
        description: 'Where browsers go when nothing else is said.',
      }),
      allowed_return_urls: Type.Array(Type.String(), {
        default: [],
        description:
          'Addresses that return_to may name: whole path segments, and *.example.org for subdomains.',
      }),
      flows,
      methods,
    },
    { additionalProperties: false },
  );
}
