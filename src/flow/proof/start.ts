// Starts recovery and verification: the form is the one method's that the configuration names.
import { methodDisabled } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import { inherit, type Restart } from '../engine/expiry.ts';
import { newFlow } from '../engine/start.ts';
import type { Flow, FlowType } from '../flow.ts';
import type { BoundMethod } from '../method/bound-method.ts';
import type { ProofStep } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';

export type ProofKind = 'recovery' | 'verification';

export interface ProofMethod {
  readonly method: BoundMethod;
  readonly step: ProofStep;
}

/**
 * The method of a flow, or the one in use for a new flow. Throws 404 where it is switched off: another one never steps in,
 * since its codes would lead nowhere. Administrators choose the method, so a flow of theirs may have another than the one in use.
 */
export function proofMethod(deps: FlowDeps, kind: ProofKind, flow?: Pick<Flow, 'active'>): ProofMethod {
  const inUse = kind === 'recovery' ? deps.settings.recoveryMethod : deps.settings.verificationMethod;
  const own = deps.methods.some((known) => known.name === flow?.active) ? flow?.active : undefined;
  const name = own ?? inUse;
  const method = deps.methods.find((known) => known.name === name);
  const step = method?.handlers[kind];
  if (!method?.isEnabled || !step) throw methodDisabled();
  return { method, step };
}

/** A flow with its first form, not stored yet. */
export function newProofFlow(deps: FlowDeps, kind: ProofKind, type: FlowType, request: FlowRequest): Flow {
  return withForm(deps, kind, newFlow(deps, kind, type, request));
}

function withForm(deps: FlowDeps, kind: ProofKind, flow: Flow, old?: Flow): Flow {
  const { method, step } = proofMethod(deps, kind, old);
  const choosesAddress =
    kind === 'recovery' && deps.settings.choosesRecoveryAddress && step.choosesAddress === true;
  const fresh: Flow = {
    ...flow,
    active: method.name,
    state: choosesAddress ? 'recovery_awaiting_address' : 'choose_method',
  };
  return { ...fresh, form: { nodes: step.nodes(fresh), messages: [] } };
}

/** Makes the flow that takes the place of one that is over; it keeps the address under which the old one was started. */
export function restartProof(deps: FlowDeps, kind: ProofKind): Restart {
  return (old: Flow, request: FlowRequest) => {
    const plain: FlowRequest = { ...request, query: new URLSearchParams() };
    return Promise.resolve(withForm(deps, kind, inherit(newFlow(deps, kind, old.type, plain), old), old));
  };
}
