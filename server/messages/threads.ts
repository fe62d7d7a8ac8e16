import { type Accounts, type Person, peerOf } from '../accounts/index.ts';
import {
  type CallId,
  type MessageContent,
  type PageQuery,
  type PersonId,
  type Thread,
  type ThreadLine,
  type ThreadMessage,
  UserError,
} from '../contract/index.ts';
import type { Hub } from '../hub/index.ts';
import { TokenBucket } from '../rates/index.ts';
import type { Database, Row } from '../store/index.ts';
import type { Blocks } from '../trust/index.ts';

export interface NewLine {
  readonly clientId: PersonId;
  readonly modelId: PersonId;
  /** Null: the appliance. */
  readonly authorId: PersonId | null;
  /** Whom it counts as unread for. */
  readonly unreadFor: PersonId | null;
  /** What it tells of: the same key stands in a thread once. */
  readonly key: string;
  readonly content: MessageContent;
  readonly at: Date;
}

const LINES = 50;
const THREADS_MAX = 200;
/** What an earlier run left out is among its last calls. */
const SWEPT_MAX = 10_000;
/** Texts of one person: in a burst, and in a minute in the long run. */
const TEXT_BURST_MAX = 10;
const TEXTS_PER_MINUTE_MAX = 30;

const COLUMNS = `id as "messageId", client_id as "clientId", model_id as "modelId", author_id as "authorId", at, content`;
type MessageRow = Row & Omit<ThreadMessage, 'at'> & { at: Date };
const messageOf = ({ at, ...row }: MessageRow): ThreadMessage => ({ ...row, at: at.toISOString() });

/** The threads: one for each client and model, kept, and told live to every page of both. */
export class Threads {
  readonly #database: Database;
  readonly #accounts: Accounts;
  readonly #blocks: Blocks;
  readonly #hub: Hub;
  #onMessage: (personId: PersonId, message: ThreadMessage) => void = () => {};
  readonly #buckets = new Map<PersonId, TokenBucket>();

  constructor(deps: { database: Database; accounts: Accounts; blocks: Blocks; hub: Hub }) {
    this.#database = deps.database;
    this.#accounts = deps.accounts;
    this.#blocks = deps.blocks;
    this.#hub = deps.hub;
  }

  /** Called for each new line that counts as unread for a person. */
  onMessage(listener: (personId: PersonId, message: ThreadMessage) => void): void {
    this.#onMessage = listener;
  }

  /**
   * A text to the other side of a thread. The same key is kept once.
   * @throws UserError `not_reachable`, `write_first`, `too_many_requests`, `key_reused`, `person_not_found`
   */
  async send(author: Person, peerId: PersonId, text: string, key: string): Promise<ThreadMessage> {
    const peer = await this.#accounts.person(peerId);
    const refusal = await this.#refusalOf(author, peer);
    if (refusal) throw new UserError(refusal);
    if (!this.#bucketOf(author.personId).take()) throw new UserError('too_many_requests');
    const line: NewLine = {
      ...pairOf(author, peer),
      authorId: author.personId,
      unreadFor: peerId,
      key: `text:${author.personId}:${key}`,
      content: { kind: 'text', text: text.trim() },
      at: new Date(),
    };
    const [made] = await this.append([line]);
    if (made) return made;
    const [known] = await this.#select('where key = $1', [line.key]);
    const isSame = known?.content.kind === 'text' && known.content.text === text.trim();
    if (!known || !isSame || known.clientId !== line.clientId || known.modelId !== line.modelId) {
      throw new UserError('key_reused');
    }
    return known;
  }

  /** Adds lines that are not there yet and tells both people. @returns those that were added, in order */
  async append(lines: readonly NewLine[]): Promise<ThreadMessage[]> {
    if (lines.length === 0) return [];
    const rows = await this.#database.query<MessageRow & { unreadFor: PersonId | null }>(
      `insert into message (client_id, model_id, author_id, unread_for, key, kind, content, at)
       select client_id, model_id, author_id, unread_for, key, content->>'kind', content, at
         from jsonb_to_recordset($1::text::jsonb)
              as line(ord integer, client_id bigint, model_id bigint, author_id bigint, unread_for bigint,
                      key text, content jsonb, at timestamptz)
        order by ord
       on conflict (key) do nothing
       returning ${COLUMNS}, unread_for as "unreadFor"`,
      [
        JSON.stringify(
          lines.map((line, ord) => ({
            ord,
            client_id: line.clientId,
            model_id: line.modelId,
            author_id: line.authorId,
            unread_for: line.unreadFor,
            key: line.key,
            content: line.content,
            at: line.at,
          })),
        ),
      ],
    );
    const added = rows
      .map(({ unreadFor, ...row }) => ({ unreadFor, message: messageOf(row as MessageRow) }))
      .sort((a, b) => a.message.messageId - b.message.messageId);
    for (const { unreadFor, message } of added) {
      this.#hub.sendToPerson(message.clientId, { type: 'message', message });
      this.#hub.sendToPerson(message.modelId, { type: 'message', message });
      if (unreadFor !== null) this.#onMessage(unreadFor, message);
    }
    const addressees = new Set(added.flatMap(({ unreadFor }) => (unreadFor === null ? [] : [unreadFor])));
    for (const personId of addressees) await this.sendUnread(personId);
    return added.map(({ message }) => message);
  }

  /** Everything up to a message is read. @throws UserError `person_not_found` */
  async read(reader: Person, peerId: PersonId, messageId: number): Promise<void> {
    const { clientId, modelId } = pairOf(reader, await this.#accounts.person(peerId));
    const moved = await this.#database.query(
      `insert into message_read (person_id, peer_id, last_read_id)
       select $1, $2, max(id) from message
        where client_id = $3 and model_id = $4 and id <= $5 having max(id) is not null
       on conflict (person_id, peer_id) do update set last_read_id = excluded.last_read_id
        where message_read.last_read_id < excluded.last_read_id
       returning last_read_id as "lastReadId"`,
      [reader.personId, peerId, clientId, modelId, messageId],
    );
    const lastReadId = moved[0]?.lastReadId as number | undefined;
    if (lastReadId === undefined) return;
    const update = { type: 'message.read', readerId: reader.personId, peerId, messageId: lastReadId } as const;
    this.#hub.sendToPerson(reader.personId, update);
    this.#hub.sendToPerson(peerId, update);
    await this.sendUnread(reader.personId);
  }

  async sendUnread(personId: PersonId): Promise<void> {
    if (!this.#hub.isOnline(personId)) return;
    this.#hub.sendToPerson(personId, { type: 'unread', unreadCount: await this.unreadCount(personId) });
  }

  async unreadCount(personId: PersonId): Promise<number> {
    const { count } = await this.#database.one<{ count: number }>(
      `select count(*) as count from message
         left join message_read on person_id = $1 and peer_id = case when client_id = $1 then model_id else client_id end
        where unread_for = $1 and message.id > coalesce(last_read_id, 0)`,
      [personId],
    );
    return count;
  }

  /** A person's threads, the one with the newest line first. */
  async list(person: Person): Promise<ThreadLine[]> {
    const [mine, theirs] = person.role === 'client' ? ['client_id', 'model_id'] : ['model_id', 'client_id'];
    const rows = await this.#database.query<MessageRow & { peerId: PersonId; unreadCount: number; isBlocked: boolean }>(
      `select ${COLUMNS}, ${theirs} as "peerId",
              (select count(*) from message unread
                where unread.unread_for = $1 and unread.${mine} = $1 and unread.${theirs} = last.${theirs}
                  and unread.id > coalesce((select last_read_id from message_read
                                           where person_id = $1 and peer_id = last.${theirs}), 0)) as "unreadCount",
              exists (select 1 from block where blocker_id = $1 and blocked_id = last.${theirs}
                         and lifted_at is null) as "isBlocked"
         from (select distinct on (${theirs}) * from message where ${mine} = $1 order by ${theirs}, id desc) last
        order by id desc limit ${THREADS_MAX}`,
      [person.personId],
    );
    const peers = await this.#accounts.peopleById(rows.map(({ peerId }) => peerId));
    return rows.map(({ peerId, unreadCount, isBlocked, ...row }) => ({
      peer: peerOf(peers.get(peerId) as Person),
      last: messageOf(row as MessageRow),
      unreadCount,
      isBlocked,
    }));
  }

  /** Everybody with whom a person has a thread, however old. */
  async peersOf(person: Pick<Person, 'personId' | 'role'>): Promise<PersonId[]> {
    const [mine, theirs] = person.role === 'client' ? ['client_id', 'model_id'] : ['model_id', 'client_id'];
    const rows = await this.#database.query<{ peerId: PersonId }>(
      `select distinct ${theirs} as "peerId" from message where ${mine} = $1 order by ${theirs}`,
      [person.personId],
    );
    return rows.map((row) => row.peerId);
  }

  /** One thread, newest line first. @throws UserError `person_not_found`, `not_reachable` for two of one role */
  async thread(person: Person, peerId: PersonId, page: PageQuery): Promise<Thread> {
    const peer = await this.#accounts.person(peerId);
    if (!isPair(person, peer)) throw new UserError('not_reachable');
    const { clientId, modelId } = pairOf(person, peer);
    const [messages, read, isBlocked, refusal] = await Promise.all([
      this.#select('where client_id = $1 and model_id = $2 and id < $3 order by id desc limit $4', [
        clientId,
        modelId,
        page.before ?? Number.MAX_SAFE_INTEGER,
        page.limit ?? LINES,
      ]),
      this.#database.query<{ id: number }>(
        'select last_read_id as id from message_read where person_id = $1 and peer_id = $2',
        [peerId, person.personId],
      ),
      this.#blocks.stands(person.personId, peerId),
      this.#refusalOf(person, peer),
    ]);
    return {
      peer: peerOf(peer),
      isBlocked,
      canWrite: refusal === null,
      peerReadId: read[0]?.id ?? 0,
      messages,
    };
  }

  /** Takes away everything that a person has written. What happened in their calls stays. */
  async forgetTexts(authorId: PersonId): Promise<void> {
    await this.#database.query('delete from message where author_id = $1', [authorId]);
  }

  /** Calls that are over and settled, and whose thread does not say so; of the newest SWEPT_MAX. */
  async callsWithoutLastLine(): Promise<CallId[]> {
    const rows = await this.#database.query<{ id: CallId }>(
      `select id from call
        where state = 'ended' and (live_at is null or agrees is not null)
          and id > (select coalesce(max(id), 0) from call) - ${SWEPT_MAX}
          and not exists (select 1 from message where key = 'call:' || call.id)
        order by id limit 1000`,
    );
    return rows.map((row) => row.id);
  }

  async #refusalOf(author: Person, peer: Person): Promise<'not_reachable' | 'write_first' | null> {
    if (!isPair(author, peer) || peer.deletedAt !== null) return 'not_reachable';
    if (await this.#blocks.standsBetween(author.personId, peer.personId)) return 'not_reachable';
    if (author.role === 'client') return null;
    // A model answers; she does not advertise to strangers.
    const rows = await this.#database.query(
      `select 1 from message
        where client_id = $1 and model_id = $2 and (author_id = $1 or kind = 'call') limit 1`,
      [peer.personId, author.personId],
    );
    return rows.length > 0 ? null : 'write_first';
  }

  #bucketOf(personId: PersonId): TokenBucket {
    const known = this.#buckets.get(personId);
    if (known) return known;
    const bucket = new TokenBucket(TEXT_BURST_MAX, TEXTS_PER_MINUTE_MAX / 60);
    this.#buckets.set(personId, bucket);
    return bucket;
  }

  async #select(where: string, values: unknown[]): Promise<ThreadMessage[]> {
    return (await this.#database.query<MessageRow>(`select ${COLUMNS} from message ${where}`, values)).map(messageOf);
  }
}

const isPair = (one: Person, other: Person): boolean =>
  (one.role === 'client' && other.role === 'model') || (one.role === 'model' && other.role === 'client');

const pairOf = (one: Person, other: Person) =>
  one.role === 'client'
    ? { clientId: one.personId, modelId: other.personId }
    : { clientId: other.personId, modelId: one.personId };
