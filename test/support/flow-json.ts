// Answers of the server as clients read them: only what stories look at.
import assert from 'node:assert/strict';

export interface MessageJson {
  readonly id: number;
  readonly text: string;
  readonly type: string;
}

export interface NodeJson {
  readonly type: string;
  readonly group: string;
  readonly attributes: {
    readonly name?: string;
    readonly type?: string;
    readonly value?: string | number | boolean;
    readonly required?: boolean;
    /** Of what is no input. */
    readonly id?: string;
    readonly text?: MessageJson;
  };
  readonly messages: readonly MessageJson[];
}

export interface FlowJson {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly active?: string;
  readonly return_to?: string;
  readonly request_url: string;
  readonly expires_at: string;
  readonly transient_payload?: unknown;
  readonly identity?: IdentityJson;
  readonly identity_schema?: string;
  readonly continue_with?: readonly ContinueJson[];
  readonly ui: {
    readonly action: string;
    readonly method: string;
    readonly nodes: readonly NodeJson[];
    readonly messages?: readonly MessageJson[];
  };
}

export interface IdentityJson {
  readonly id: string;
  readonly schema_id: string;
  readonly state: string;
  readonly traits: Readonly<Record<string, unknown>>;
}

export interface SessionJson {
  readonly id: string;
  readonly active: boolean;
  readonly expires_at: string;
  readonly authenticated_at: string;
  readonly authenticator_assurance_level: string;
  readonly authentication_methods: readonly { readonly method: string }[];
  readonly identity: IdentityJson;
  readonly devices: readonly { readonly ip_address: string | null; readonly user_agent: string | null }[];
}

export interface ContinueJson {
  readonly action: string;
  readonly redirect_browser_to?: string;
  readonly ory_session_token?: string;
}

/** The end of a login or registration. */
export interface SignedInJson {
  readonly session_token?: string;
  readonly session?: SessionJson;
  readonly identity?: IdentityJson;
  readonly continue_with: readonly ContinueJson[] | null;
}

export interface ErrorJson {
  readonly error: {
    readonly id?: string;
    readonly code: number;
    readonly reason?: string;
    readonly message: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
  readonly use_flow_id?: string;
  readonly redirect_browser_to?: string;
}

/** The JSON of an answer that must have this status. What it holds is for the test to check. */
export async function json<T>(response: Response, status = 200): Promise<T> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  return JSON.parse(text) as T; // a shape that is wrong makes the test fail where it looks
}

/** The id of the error in an answer that must have this status; empty where it has none. */
export async function errorId(response: Response, status: number): Promise<string> {
  return (await json<ErrorJson>(response, status)).error.id ?? '';
}

/** Ids of all messages of a form: those above it, then those at its nodes. */
export function messageIds({ ui }: FlowJson): readonly number[] {
  return [...(ui.messages ?? []), ...ui.nodes.flatMap((node) => node.messages)].map(({ id }) => id);
}

export function nodeNamed({ ui }: FlowJson, name: string): NodeJson | undefined {
  return ui.nodes.find((node) => node.attributes.name === name);
}

/** What a field of the form holds. */
export function fieldValue(flow: FlowJson, name: string): unknown {
  return nodeNamed(flow, name)?.attributes.value;
}
