// A message for people: a stable number that clients translate by, and our own English text.
import type { JsonObject } from '../lib/json.ts';

export type MessageType = 'info' | 'error' | 'success';

// A type, not an interface: only types are assignable to JSON values.
export type Message = {
  readonly id: number;
  readonly text: string;
  readonly type: MessageType;
  readonly context?: JsonObject;
};

/** Something the person can mend: shown at the named node, or above the form where `at` is absent. */
export interface Problem {
  readonly message: Message;
  readonly at?: string;
}
