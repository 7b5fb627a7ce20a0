// A message to a person: what is queued, what became of each attempt, and what the courier needs from storage.
import type { JsonObject } from '../lib/json.ts';

export type MessageStatus = 'queued' | 'processing' | 'sent' | 'abandoned';
export type MessageType = 'email' | 'sms';

/** Every message there is (docs/protocol/platform.md 4.4). The names are part of the API and of file names of templates. */
export const TEMPLATE_NAMES = [
  'recovery_valid',
  'recovery_invalid',
  'recovery_code_valid',
  'recovery_code_invalid',
  'verification_valid',
  'verification_invalid',
  'verification_code_valid',
  'verification_code_invalid',
  'login_code_valid',
  'registration_code_valid',
  'verifiable_address_changed',
  'credentials_ended',
  'account_guessed_at',
  'account_exists',
] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

export interface CourierMessage {
  readonly id: string;
  readonly status: MessageStatus;
  readonly type: MessageType;
  /** `email`, `sms`, or another channel of the configuration. */
  readonly channel: string;
  readonly recipient: string;
  /** Empty where the channel has none. */
  readonly subject: string;
  /** Plain text. The HTML part of an e-mail is rendered from `templateData` when it is sent. */
  readonly body: string;
  readonly templateName: TemplateName;
  readonly templateData: JsonObject;
  /** Headers of the request that caused it, as far as services may see them. */
  readonly requestHeaders: JsonObject;
  /** Attempts so far. */
  readonly sendCount: number;
  readonly nextAttemptAtMs: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** One attempt to send. */
export interface Dispatch {
  readonly id: string;
  readonly messageId: string;
  readonly status: 'success' | 'failed';
  /** Why it failed, as an error of the protocol; null where it did not. */
  readonly error: JsonObject | null;
  readonly createdAtMs: number;
}

/** A message that one worker may send until `leaseUntilMs`; the lease names the claim, so that a late worker changes nothing. */
export interface ClaimedMessage {
  readonly message: CourierMessage;
  readonly lease: string;
}

export interface MessagePage {
  readonly status?: MessageStatus;
  readonly recipient?: string;
  /** Newest first: only messages older than this position. */
  readonly after?: { readonly createdAtMs: number; readonly id: string };
  readonly limit: number;
}

export interface MessageStore {
  /** Queues the message in the caller's transaction. */
  insert(message: CourierMessage): Promise<void>;
  /**
   * Does the work of `insert` for a message that nobody gets: it is never sent and never shown. The time of an answer must
   * not tell whether somebody has an address.
   */
  insertDecoy(message: CourierMessage): Promise<void>;
  /**
   * Claims up to `limit` messages whose time has come, oldest first, and those whose lease ran out: a worker that crashed
   * loses none. Of several workers each gets others. `sendCount` is counted up with the claim.
   */
  claim(of: {
    readonly nowMs: number;
    readonly leaseMs: number;
    readonly limit: number;
  }): Promise<readonly ClaimedMessage[]>;
  /**
   * Writes down an attempt and what follows from it; false, and nothing written, where the lease is somebody else's by now.
   * What only served to send it is forgotten when it is sent or given up: it holds codes and what is known of a person.
   */
  settle(of: {
    readonly messageId: string;
    readonly lease: string;
    readonly status: Exclude<MessageStatus, 'processing'>;
    readonly nextAttemptAtMs: number;
    readonly dispatch: Dispatch;
    /** Also subject and body of what is sent or given up, where nobody is shown them. */
    readonly forgetsTexts: boolean;
  }): Promise<boolean>;
  find(
    id: string,
  ): Promise<{ readonly message: CourierMessage; readonly dispatches: readonly Dispatch[] } | undefined>;
  list(page: MessagePage): Promise<readonly CourierMessage[]>;
  /** When the next queued message is due; undefined where none is. For waiting without asking all the time. */
  nextDueAtMs(): Promise<number | undefined>;
  /** Removes up to `limit` messages of before: those that are sent or given up, those that still wait, or decoys. */
  deleteBefore(of: {
    readonly what: 'settled' | 'waiting' | 'decoys';
    readonly beforeMs: number;
    readonly limit: number;
  }): Promise<number>;
}

/** What a flow asks to be sent; `compose` makes a message of it. */
export interface MessageDraft {
  readonly templateName: TemplateName;
  readonly type: MessageType;
  readonly recipient: string;
  /** In the names of the protocol: `to`, `recovery_code`, `identity` … (docs/protocol/platform.md 4.4). */
  readonly data: JsonObject;
  readonly requestHeaders?: JsonObject;
}

/** Renders a draft; to be called before a transaction, since templates may come from the network. */
export type ComposeMessage = (draft: MessageDraft) => Promise<CourierMessage>;

/** The HTML part of an e-mail, made when it is sent so that it need not be stored; undefined where the message has none. */
export type RenderHtml = (message: CourierMessage) => Promise<string | undefined>;

export interface Composer {
  readonly compose: ComposeMessage;
  readonly html: RenderHtml;
}
