// What was submitted, to which flow, and which method took it.
import type { Identity } from '../../identity/identity.ts';
import type { Flow } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import type { Order } from './patch.ts';

export interface Submission {
  readonly flow: Flow;
  readonly request: FlowRequest;
  /** Name of the method that took it. */
  readonly method: string;
}

/** A submission, or a return by callback, with what it takes to show its form again. */
export interface FormSubmission extends Submission {
  readonly order: Order;
  /** The person of a settings flow, shown with it. */
  readonly subject?: Identity;
}
