import { peerOf } from '../accounts/index.ts';
import { bootId, monotonicMs } from '../clock/index.ts';
import {
  type CallId,
  type Outcome,
  type PageQuery,
  type Peer,
  type PersonId,
  type Side,
  type Tariff,
  UserError,
} from '../contract/index.ts';
import type { Database, Row } from '../store/index.ts';
import type { CallFacts } from './machine.ts';
import { LOOKS_MS, RING_PAIR_MS, RINGS_MS, type RingHistory } from './ring-limits.ts';

/** A call's row: its people and terms, and how it went. */
export interface CallRecord {
  readonly callId: CallId;
  readonly clientId: PersonId;
  readonly client: Peer;
  readonly modelId: PersonId;
  readonly model: Peer;
  readonly state: CallFacts['state'];
  readonly rateMinor: number;
  readonly minimumMin: number;
  readonly tariff: Tariff;
  readonly sharePercent: number;
  readonly rangAt: Date;
  readonly acceptedAt: Date | null;
  readonly liveAt: Date | null;
  readonly suspendedAt: Date | null;
  readonly endedAt: Date | null;
  readonly outcome: Outcome | null;
  readonly endedBy: Side | null;
  /** What the model said when she rejected the ring. */
  readonly rejectReason: string | null;
  readonly isWaived: boolean;
  readonly billableMs: number;
  readonly chargedMinor: number;
  readonly agrees: boolean | null;
  /** The machine's start that the monotonic times belong to; null in rows of older versions. */
  readonly bootId: string | null;
  readonly rangMonoMs: number | null;
  readonly acceptedMonoMs: number | null;
  /** The client's credit when the call ended. */
  readonly endBalanceMinor: number | null;
}

/** What is written of a call beside its facts. */
export interface SavedCall {
  readonly isWaived: boolean;
  readonly rejectReason: string | null;
  readonly balanceMinor: number;
}

const COLUMNS = `call.id as "callId", client_id as "clientId", client.display_name as "clientName",
  model_id as "modelId", model.display_name as "modelName", state, rate_minor as "rateMinor",
  minimum_min as "minimumMin", tariff, share_percent as "sharePercent", rang_at as "rangAt",
  accepted_at as "acceptedAt", live_at as "liveAt", suspended_at as "suspendedAt", ended_at as "endedAt", outcome,
  ended_by as "endedBy", reject_reason as "rejectReason", is_waived as "isWaived", billable_ms as "billableMs", charged_minor as "chargedMinor", agrees,
  boot_id as "bootId", rang_mono_ms as "rangMonoMs", accepted_mono_ms as "acceptedMonoMs",
  end_balance_minor as "endBalanceMinor",
  client.verified_at as "clientVerifiedAt", client_picture.digest as "clientPicture",
  model.verified_at as "modelVerifiedAt", model_picture.digest as "modelPicture"`;
const TABLES = `call join person client on client.id = client_id join person model on model.id = model_id
  left join person_picture client_picture on client_picture.person_id = client_id
  left join person_picture model_picture on model_picture.person_id = model_id`;
const UNIQUE_VIOLATION = '23505';
const LINES = 50;

/** The calls' rows. */
export class CallRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws UserError `already_in_call`, `model_busy`: nobody is in two calls, by constraint */
  async insert(call: {
    clientId: PersonId;
    modelId: PersonId;
    rateMinor: number;
    minimumMin: number;
    tariff: Tariff;
    sharePercent: number;
  }): Promise<CallRecord> {
    try {
      const { id } = await this.#database.one<{ id: CallId }>(
        `insert into call (client_id, model_id, state, rate_minor, minimum_min, tariff, share_percent, rang_at, boot_id, rang_mono_ms)
         values ($1, $2, 'ringing', $3, $4, $5, $6, $7, $8, $9) returning id`,
        [
          call.clientId,
          call.modelId,
          call.rateMinor,
          call.minimumMin,
          call.tariff,
          call.sharePercent,
          new Date(),
          bootId,
          Math.floor(monotonicMs()),
        ],
      );
      return await this.read(id);
    } catch (error) {
      const { code, constraint_name: constraint } = error as { code?: string; constraint_name?: string };
      if (code !== UNIQUE_VIOLATION) throw error;
      throw new UserError(constraint === 'call_one_per_client' ? 'already_in_call' : 'model_busy');
    }
  }

  /** What this client has rung lately, this model above all. */
  ringHistory(clientId: PersonId, modelId: PersonId): Promise<RingHistory> {
    const since = (ms: number) => new Date(Date.now() - ms);
    return this.#database.one<Row & RingHistory>(
      `with lately as (
         select model_id = $2 as is_pair, rang_at,
                outcome = 'canceled' and accepted_at is not null and ended_by = 'client' as is_look
           from call where client_id = $1 and rang_at > $3)
       select count(*) filter (where rang_at > $4) as "ringsLately",
              count(*) filter (where is_pair and rang_at > $5) as "ringsOfPair",
              count(*) filter (where is_pair and is_look) as "looksOfPair",
              count(*) filter (where is_look) as looks
         from lately`,
      [clientId, modelId, since(LOOKS_MS), since(RINGS_MS), since(RING_PAIR_MS)],
    );
  }

  /** @throws UserError `call_not_found` */
  async read(callId: CallId): Promise<CallRecord> {
    const [record] = await this.#select('where call.id = $1', [callId]);
    if (!record) throw new UserError('call_not_found');
    return record;
  }

  /**
   * Writes where a call stands. The times of its steps are kept from the first write that has them.
   * @param at when that came to be, which may be long before the database takes it
   */
  async save(callId: CallId, facts: CallFacts, more: SavedCall, at: { wall: Date; monoMs: number }): Promise<void> {
    await this.#database.query(
      `update call set state = $2, outcome = $3, ended_by = $4, is_waived = $5, reject_reason = $6,
              accepted_at = case when $2 = 'confirming' then coalesce(accepted_at, $7) else accepted_at end,
              accepted_mono_ms = case when $2 = 'confirming' then coalesce(accepted_mono_ms, $8) else accepted_mono_ms end,
              live_at = case when $2 in ('live', 'suspended') then coalesce(live_at, $7) else live_at end,
              suspended_at = case when $2 = 'suspended' then coalesce(suspended_at, $7) end,
              ended_at = case when $2 = 'ended' then coalesce(ended_at, $7) end,
              end_balance_minor = case when $2 = 'ended' then coalesce(end_balance_minor, $9) end
        where id = $1`,
      [
        callId,
        facts.state,
        facts.outcome,
        facts.endedBy,
        more.isWaived,
        more.rejectReason,
        at.wall,
        Math.floor(at.monoMs),
        more.balanceMinor,
      ],
    );
  }

  /** The last word on a call that was live: what it came to, and whether all accounts of it agree. */
  async settle(
    callId: CallId,
    result: {
      billableMs: number;
      chargedMinor: number;
      agrees: boolean;
      /** When its log says that it ended. */
      endedAt: Date | null;
      mediaBeyondMs: number | null;
    },
  ): Promise<void> {
    await this.#database.query(
      `update call set billable_ms = $2, charged_minor = $3, agrees = $4, ended_at = coalesce($5, ended_at),
              media_beyond_ms = $6
        where id = $1`,
      [callId, result.billableMs, result.chargedMinor, result.agrees, result.endedAt, result.mediaBeyondMs],
    );
  }

  /** Calls that had not come to their end, or not been settled, when the appliance stopped. */
  unfinished(): Promise<CallRecord[]> {
    return this.#select(`where state <> 'ended' or (live_at is not null and agrees is null) order by call.id`, []);
  }

  /** Calls in which log, ledger and core disagree. */
  async disagreements(): Promise<CallId[]> {
    const rows = await this.#database.query<{ id: CallId }>(
      'select id from call where agrees = false order by id limit 100',
    );
    return rows.map((row) => row.id);
  }

  /** Numbers of calls that were ever live, in their order. */
  async onceLive(after: CallId, limit: number): Promise<CallId[]> {
    const rows = await this.#database.query<{ id: CallId }>(
      'select id from call where live_at is not null and id > $1 order by id limit $2',
      [after, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** A person's own calls, newest first. */
  ofPerson(personId: PersonId, page: PageQuery): Promise<CallRecord[]> {
    return this.#select('where $1 in (client_id, model_id) and call.id < $2 order by call.id desc limit $3', [
      personId,
      page.before ?? Number.MAX_SAFE_INTEGER,
      page.limit ?? LINES,
    ]);
  }

  async #select(where: string, values: unknown[]): Promise<CallRecord[]> {
    const rows = await this.#database.query<PeopleRow>(`select ${COLUMNS} from ${TABLES} ${where}`, values);
    return rows.map(
      ({ clientName, clientVerifiedAt, clientPicture, modelName, modelVerifiedAt, modelPicture, ...row }) => ({
        ...row,
        client: peerOf({
          personId: row.clientId,
          displayName: clientName,
          verifiedAt: clientVerifiedAt,
          pictureDigest: clientPicture,
        }),
        model: peerOf({
          personId: row.modelId,
          displayName: modelName,
          verifiedAt: modelVerifiedAt,
          pictureDigest: modelPicture,
        }),
      }),
    );
  }
}

type PeopleRow = Row &
  Omit<CallRecord, 'client' | 'model'> & {
    clientName: string;
    clientVerifiedAt: Date | null;
    clientPicture: string | null;
    modelName: string;
    modelVerifiedAt: Date | null;
    modelPicture: string | null;
  };
