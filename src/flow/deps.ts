// What the five flows are built from.

import type { CourierMessage, MessageDraft } from '../courier/message.ts';
import type { Sealer } from '../lib/cipher.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { SchemaRegistry } from '../schema/load.ts';
import type { Flow } from './flow.ts';
import type { FlowSettings } from './flow-settings.ts';
import type { HookBook } from './hook/contract.ts';
import type { BoundMethod } from './method/bound-method.ts';
import type { HandOver } from './method/outcome.ts';
import type { LoginRequestProvider } from './oauth2/login-request-provider.ts';
import type { FlowRequest } from './request.ts';
import type { FlowResult } from './result.ts';
import type { Budget } from './secret/budget.ts';
import type { Database } from './store.ts';

export interface FlowDeps {
  readonly clock: Clock;
  readonly database: Database;
  readonly schemas: SchemaRegistry;
  /** In the order in which they are asked. */
  readonly methods: readonly BoundMethod[];
  /** Names of methods that the protocol has and this server has not: they count as switched off. */
  readonly absentMethods: readonly string[];
  readonly hooks: HookBook;
  readonly settings: FlowSettings;
  /** Makes a notice to a person; undefined where that failed, which is logged. */
  readonly composeNotice: (draft: MessageDraft) => Promise<CourierMessage | undefined>;
  /** The OAuth2 server whose login requests are answered here; undefined where none is configured. */
  readonly loginRequests: LoginRequestProvider | undefined;
  /** Encrypts what a flow has to keep of a submission. */
  readonly sealer: Sealer;
  /** Encrypts what methods keep in a flow. */
  readonly memorySealer: Sealer;
  /** Encrypts the state that comes back from another place. */
  readonly stateSealer: Sealer;
  /** Seals links that make a browser a known one of their person. */
  readonly knownDeviceSealer: Sealer;
  /** Counts guesses before anything is compared. */
  readonly budget: Pick<Budget, 'countTry' | 'isFirstSince'>;
  readonly log: Log;
  /** Goes on in a new flow of another kind: login and registration lead to each other. */
  readonly handOver: (
    outcome: HandOver,
    from: { readonly flow: Flow; readonly request: FlowRequest; readonly method: string },
  ) => Promise<FlowResult>;
}
