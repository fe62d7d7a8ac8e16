import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import {
  type ErrorBody,
  FROM_PAGE,
  faultOfTexts,
  HUB_BAD_MESSAGES_MAX,
  HUB_CLOSE_BAD_MESSAGES,
  HUB_CLOSE_TOO_MANY,
  type HubMessage,
  type PageMessage,
  type PageMessageType,
  type PersonId,
  type Role,
  sentenceOf,
  UserError,
} from '../contract/index.ts';
import { TokenBucket } from '../rates/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { type PersonBudget, PersonBudgets } from './person-budget.ts';

/** A page's socket as the hub needs it; the front gives it. */
export interface PageSocket {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface Connection {
  readonly connectionId: number;
  readonly personId: PersonId;
  readonly role: Role;
  /** Which session opened it: it ends when the session does. */
  readonly session: string;
  /** Where it comes from, as its TCP connection says. */
  readonly address: string;
}

interface Entry extends Connection {
  readonly socket: PageSocket;
  readonly bucket: TokenBucket;
  readonly budget: PersonBudget;
  badMessagesInARow: number;
}

type MessageOf<T extends PageMessageType> = Extract<PageMessage, { type: T }>;
/** What each type of message does. It answers `ok`, or throws a UserError that becomes the answer. */
export type MessageHandlers = {
  readonly [T in PageMessageType]: (
    from: Connection,
    message: MessageOf<T>,
  ) => Promise<{ callId?: number } | undefined>;
};

/** Pages of one person at once; the oldest gives way. */
const CONNECTIONS_PER_PERSON_MAX = 16;
/** Messages a page may send: in a burst, and per second in the long run. ICE candidates come in bursts. */
const MESSAGE_BURST_MAX = 120;
const MESSAGES_PER_SECOND_MAX = 30;
/** Where our pages write a message's number: what is refused unread can still be answered. */
const ID_NEAR_START = /"id":(\d{1,15})[,}]/;
const ID_WITHIN = 120;

export class Hub {
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #entries = new Map<number, Entry>();
  readonly #byPerson = new Map<PersonId, Set<Entry>>();
  readonly #budgets = new PersonBudgets();
  readonly #validators = new Map<string, Validator>(
    Object.entries(FROM_PAGE).map(([type, schema]) => [type, Compile(schema as TSchema)]),
  );
  #handlers: MessageHandlers | null = null;
  #onOpen: (connection: Connection) => void = () => {};
  #onClose: (connection: Connection) => void = () => {};
  #nextId = 1;

  constructor(log: Log, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  handle(handlers: MessageHandlers): void {
    this.#handlers = handlers;
  }

  onOpen(listener: (connection: Connection) => void): void {
    this.#onOpen = listener;
  }

  onClose(listener: (connection: Connection) => void): void {
    this.#onClose = listener;
  }

  get connectionCount(): number {
    return this.#entries.size;
  }

  connect(
    socket: PageSocket,
    person: { personId: PersonId; role: Role; session: string; address: string },
  ): Connection {
    const entry: Entry = {
      connectionId: this.#nextId++,
      personId: person.personId,
      role: person.role,
      session: person.session,
      address: person.address,
      socket,
      bucket: new TokenBucket(MESSAGE_BURST_MAX, MESSAGES_PER_SECOND_MAX),
      budget: this.#budgets.of(person.personId, this.#byPerson.size),
      badMessagesInARow: 0,
    };
    const own = this.#byPerson.get(entry.personId) ?? new Set();
    this.#byPerson.set(entry.personId, own.add(entry));
    this.#entries.set(entry.connectionId, entry);
    if (own.size > CONNECTIONS_PER_PERSON_MAX) {
      const [oldest] = own;
      oldest?.socket.close(HUB_CLOSE_TOO_MANY, 'too many pages of one person');
    }
    this.#metrics.sockets.set(this.#entries.size);
    this.#write(entry, { type: 'hello', personId: entry.personId });
    this.#onOpen(entry);
    return entry;
  }

  disconnect(connection: Connection): void {
    const entry = this.#entries.get(connection.connectionId);
    if (!entry) return;
    this.#entries.delete(entry.connectionId);
    const own = this.#byPerson.get(entry.personId);
    own?.delete(entry);
    if (own?.size === 0) this.#byPerson.delete(entry.personId);
    this.#metrics.sockets.set(this.#entries.size);
    this.#onClose(entry);
  }

  /** Takes a text from a page. Never throws, never rejects. */
  async receive(connection: Connection, text: string): Promise<void> {
    const entry = this.#entries.get(connection.connectionId);
    if (!entry) return;
    // Nothing is read of what is too much: reading is what costs.
    if (!entry.bucket.take() || !entry.budget.takeMessage()) return this.#refuseExcess(entry, text);
    const message = this.#read(entry, text);
    if (!message) return;
    if (!entry.budget.takeCost(message.type)) return this.#refuseExcess(entry, text);
    try {
      const handler = this.#handlers?.[message.type] as
        | ((from: Connection, message: PageMessage) => Promise<{ callId?: number } | undefined>)
        | undefined;
      if (!handler) throw new UserError('unavailable');
      const result = await handler(entry, message);
      this.#write(entry, { type: 'ok', id: message.id, ...result });
    } catch (error) {
      this.#write(entry, { type: 'error', id: message.id, error: this.#bodyOf(error, message.type) });
    }
  }

  isOnline(personId: PersonId): boolean {
    return this.#byPerson.has(personId);
  }

  isConnected(connectionId: number): boolean {
    return this.#entries.has(connectionId);
  }

  /** To every page of a person. */
  sendToPerson(personId: PersonId, message: HubMessage): void {
    const text = JSON.stringify(message);
    for (const entry of this.#byPerson.get(personId) ?? []) entry.socket.send(text);
  }

  sendToConnection(connectionId: number, message: HubMessage): void {
    const entry = this.#entries.get(connectionId);
    if (entry) this.#write(entry, message);
  }

  /** To every page of a role, a message for each person; null for none. One that serves several is written once. */
  sendToEach(role: Role, messageFor: (personId: PersonId) => HubMessage | null): void {
    const texts = new Map<HubMessage, string>();
    for (const [personId, own] of this.#byPerson) {
      const [first] = own;
      if (first?.role !== role) continue;
      const message = messageFor(personId);
      if (!message) continue;
      const text = texts.get(message) ?? JSON.stringify(message);
      texts.set(message, text);
      for (const entry of own) entry.socket.send(text);
    }
  }

  sendToRole(role: Role, message: HubMessage): void {
    const text = JSON.stringify(message);
    for (const entry of this.#entries.values()) if (entry.role === role) entry.socket.send(text);
  }

  /** Closes the sockets of every connection that `which` names. */
  close(code: number, reason: string, which: (connection: Connection) => boolean = () => true): void {
    for (const entry of [...this.#entries.values()]) if (which(entry)) entry.socket.close(code, reason);
  }

  /** A checked message, or null after the page was told what was wrong. */
  #read(entry: Entry, text: string): PageMessage | null {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.#refuse(entry, null, new UserError('malformed', 'The message is not JSON.').toBody());
    }
    const { type, id } = (value ?? {}) as { type?: unknown; id?: unknown };
    const knownId = Number.isSafeInteger(id) ? (id as number) : null;
    const validator = typeof type === 'string' ? this.#validators.get(type) : undefined;
    if (!validator) return this.#refuse(entry, knownId, new UserError('unknown_type').toBody());
    if (!validator.Check(value)) {
      return this.#refuse(
        entry,
        knownId,
        new UserError('malformed', sentenceOf(validator.Errors(value)[0], 'message')).toBody(),
      );
    }
    const fault = faultOfTexts(value);
    if (fault) return this.#refuse(entry, knownId, new UserError('malformed', fault).toBody());
    entry.badMessagesInARow = 0;
    return value as PageMessage;
  }

  #refuse(entry: Entry, id: number | null, error: ErrorBody): null {
    this.#write(entry, { type: 'error', id, error });
    entry.badMessagesInARow += 1;
    if (entry.badMessagesInARow >= HUB_BAD_MESSAGES_MAX) {
      entry.socket.close(HUB_CLOSE_BAD_MESSAGES, 'three malformed messages in a row');
    }
    return null;
  }

  #refuseExcess(entry: Entry, text: string): void {
    const [, id] = ID_NEAR_START.exec(text.slice(0, ID_WITHIN)) ?? [];
    this.#write(entry, {
      type: 'error',
      id: id === undefined ? null : Number(id),
      error: new UserError('too_many_requests').toBody(),
    });
    if (entry.budget.isExcessive()) entry.socket.close(HUB_CLOSE_TOO_MANY, 'too many messages of one person');
  }

  #bodyOf(error: unknown, type: string): ErrorBody {
    if (error instanceof UserError) return error.toBody();
    if ((error as Error)?.name === 'StoreUnavailable') {
      this.#log.warn({ err: error, type }, 'a message could not be handled while the database is away');
      return new UserError('unavailable').toBody();
    }
    this.#log.error({ err: error, type }, 'a message could not be handled');
    return new UserError('internal').toBody();
  }

  #write(entry: Entry, message: HubMessage): void {
    entry.socket.send(JSON.stringify(message));
  }
}
