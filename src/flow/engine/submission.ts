// What was submitted, to which flow, and which method took it.
import type { Flow } from '../flow.ts';
import type { FlowRequest } from '../request.ts';

export interface Submission {
  readonly flow: Flow;
  readonly request: FlowRequest;
  /** Name of the method that took it. */
  readonly method: string;
}
