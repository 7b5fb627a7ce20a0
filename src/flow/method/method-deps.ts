// What methods are built from.
import type { ComposeMessage } from '../../courier/message.ts';
import type { Hasher } from '../../hash/hasher.ts';
import type { Sealer } from '../../lib/cipher.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Jsonnet } from '../../lib/jsonnet/jsonnet.ts';
import type { Log } from '../../lib/log.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import type { SchemaRegistry } from '../../schema/load.ts';
import type { Budget } from '../secret/budget.ts';
import type { Database } from '../store.ts';
import type { ClaimsMapper } from './claims-mapper.ts';

/** Switches of the protocol that methods look at. */
export interface MethodFeatures {
  /** Recovery asks first which of the person's addresses to use. */
  readonly choosesRecoveryAddress: boolean;
  /** A refresh by code offers a button for each address. */
  readonly choosesRefreshAddress: boolean;
  /** Text messages can be sent. */
  readonly hasSms: boolean;
}

/** What methods are built from. */
export interface MethodDeps {
  readonly clock: Clock;
  readonly database: Database;
  readonly hasher: Hasher;
  readonly outbound: Outbound;
  /** Evaluates snippets of operators, apart from the server. Never inside a transaction. */
  readonly jsonnet: Pick<Jsonnet, 'evaluate'>;
  readonly log: Log;
  readonly schemas: SchemaRegistry;
  /** Seals what the method keeps with people; what one method sealed opens for no other. */
  readonly sealer: Sealer;
  /** Longest password that the configured hash can take, in bytes; absent where there is no limit. */
  readonly maxPasswordBytes: number | undefined;
  readonly concealsAccounts: boolean;
  /** Public base address, ending in a slash. */
  readonly publicUrl: string;
  /** Renders a message to a person; to be called before the transaction that queues it. */
  readonly compose: ComposeMessage;
  /** Counts messages over all flows. Tries are counted by the core, before `submit`. */
  readonly budget: Pick<Budget, 'countSending'>;
  /** Keys of one-time secrets: the first one signs, all are accepted. */
  readonly secretKeys: readonly string[];
  readonly notifiesUnknown: Readonly<Record<'recovery' | 'verification', boolean>>;
  readonly features: MethodFeatures;
  /** Pages of login, for messages that name them. */
  readonly loginUrl: string;
  readonly isRegistrationOpen: boolean;
  /** Mappers of the program that embeds the server, by provider. */
  readonly claimsMappers: Readonly<Record<string, ClaimsMapper>>;
  readonly loginStyle: 'unified' | 'identifier_first';
  readonly registrationStyle: 'unified' | 'profile_first';
}
