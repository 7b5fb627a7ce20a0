// The facts that every step of a method starts from.
import { validateTraits } from '../../identity/validate.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { At } from '../method/at.ts';
import { memoryOf } from '../method/memory.ts';
import type { FlowRequest } from '../request.ts';

/** What a method knows of a flow, with what it kept there itself. */
export function atOf(
  deps: Pick<FlowDeps, 'memorySealer'>,
  method: string,
  of: { readonly flow: Flow; readonly request: FlowRequest; readonly schema: IdentitySchema },
): At {
  const { flow, request, schema } = of;
  return {
    flow,
    request,
    schema,
    memory: memoryOf(deps, flow, method),
    validate: (traits) => validateTraits(schema, traits),
  };
}
