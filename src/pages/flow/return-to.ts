// Where the person wants to go afterwards, and in which language: links to other flows keep it.
import type { Flow } from '../../flow/flow.ts';

export function returnToOf(flow: Flow): string | undefined {
  return flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to') ?? undefined;
}

/** The wishes that a link to another flow carries on. */
export function wishesFrom(flow: Flow): Readonly<Record<string, string | undefined>> {
  return { return_to: returnToOf(flow), ...languageWishes(flow) };
}

/** What the start of this flow said about the language. */
export function languageWishes({ requestUrl }: Flow): Readonly<Record<string, string | undefined>> {
  const { searchParams } = new URL(requestUrl);
  const wish = (name: string): string | undefined => searchParams.get(name) ?? undefined;
  return { locale: wish('locale'), ui_locales: wish('ui_locales') };
}
