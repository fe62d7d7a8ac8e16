import Type, { type Static, type TProperties } from 'typebox';
import { CallId, Outcome, Side } from './calls.ts';
import { MESSAGE_LENGTH_MAX } from './limits.ts';
import { MinorSchema } from './money.ts';
import { nullable } from './nullable.ts';
import { Peer, PersonId } from './people.ts';

// One thread for each client and model: what they write, and a line for everything that happened in
// their calls. New lines come by the hub's message `message`.

const content = <K extends string, P extends TProperties>(kind: K, properties: P) =>
  Type.Object({ kind: Type.Literal(kind), ...properties });

export const MessageText = Type.String({ minLength: 1, maxLength: MESSAGE_LENGTH_MAX, pattern: '\\S' });

export const MessageContent = Type.Union([
  content('text', { text: Type.String() }),
  /** A started minute of a call was charged. */
  content('charge', { callId: CallId, minute: Type.Integer({ minimum: 1 }), amountMinor: MinorSchema }),
  /** The credit covers less than two minutes. */
  content('low', { callId: CallId }),
  /** The client no longer has enough credit to go on. */
  content('out_of_funds', { callId: CallId }),
  content('tip', { callId: CallId, amountMinor: MinorSchema }),
  /** A call has ended. `chargedMinor` includes the rest of the minimum, and no tips. */
  content('call', {
    callId: CallId,
    outcome: Outcome,
    endedBy: nullable(Side),
    billableMs: Type.Integer(),
    chargedMinor: MinorSchema,
    rejectReason: nullable(Type.String()),
  }),
]);
export type MessageContent = Static<typeof MessageContent>;

export const ThreadMessage = Type.Object({
  messageId: Type.Integer(),
  clientId: PersonId,
  modelId: PersonId,
  /** Null for what the appliance says. */
  authorId: nullable(PersonId),
  at: Type.String(),
  content: MessageContent,
});
export type ThreadMessage = Static<typeof ThreadMessage>;

export const ThreadLine = Type.Object({
  peer: Peer,
  last: ThreadMessage,
  unreadCount: Type.Integer(),
  /** The person who reads this list has blocked the other. */
  isBlocked: Type.Boolean(),
});
export type ThreadLine = Static<typeof ThreadLine>;

/** GET /api/threads (client, model): newest first. */
export const Threads = Type.Object({ threads: Type.Array(ThreadLine) });
export type Threads = Static<typeof Threads>;

/** GET /api/threads/:personId?before&limit: newest first. */
export const Thread = Type.Object({
  peer: Peer,
  isBlocked: Type.Boolean(),
  /** Whether this person can write here; when not, `error` codes `not_reachable` and `write_first` say why. */
  canWrite: Type.Boolean(),
  /** What the other has read up to; 0 when nothing. */
  peerReadId: Type.Integer(),
  messages: Type.Array(ThreadMessage),
});
export type Thread = Static<typeof Thread>;
