// Where the person wants to go afterwards: links to other flows keep it.
import type { Flow } from '../../flow/flow.ts';

export function returnToOf(flow: Flow): string | undefined {
  return flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to') ?? undefined;
}
