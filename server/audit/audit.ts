import type { AuditAction, AuditEntry, AuditQuery, PersonId } from '../contract/index.ts';
import { AttemptLimit } from '../rates/index.ts';
import type { Queries } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';

export interface AuditNote {
  /** Null: who it was is not known. */
  readonly actorId: PersonId | null;
  readonly action: AuditAction;
  /** Whom it was done to; null: to nobody, or to the studio. */
  readonly personId: PersonId | null;
  readonly detail: AuditEntry['detail'];
}

/** What a walk over all lines finds. */
export interface AuditState {
  readonly lineCount: number;
  /** The newest line and its hash, to be written down elsewhere. */
  readonly head: { readonly line: number; readonly hash: string };
  /** The first line that is not as it was written; null when all are. */
  readonly firstBreak: number | null;
}

const ENTRIES_PER_PAGE = 50;
const TEXT_LENGTH_MAX = 300;

/** What is kept of a request: never a password, a token or a key. */
const KEPT = new Set([
  'amountMinor',
  'reason',
  'kind',
  'role',
  'username',
  'displayName',
  'units',
  'all',
  'note',
  'words',
  'label',
  'count',
  'validDays',
  'isVerified',
  'isStaff',
  'callId',
  'payoutId',
  'batchId',
  'voucherId',
  'paymentId',
  'reportId',
  'by',
  'from',
  'to',
]);

/** What people do to get in and to take data out, rather than what operators decide. */
const ACCESS: readonly AuditAction[] = [
  'signed_in',
  'sign_in_refused',
  'access_refused',
  'data_exported',
  'report_exported',
  'audit_exported',
];
const CHECK_MS_MAX = 60_000;
/** Refusals that are written down in a minute. Strangers make them: as many as they like would fill the disk. */
const REFUSALS_PER_MINUTE_MAX = 60;

type Row = {
  entryId: number;
  at: Date;
  actorId: PersonId | null;
  actorName: string | null;
  action: AuditAction;
  personId: PersonId | null;
  personName: string | null;
  detail: AuditEntry['detail'];
  outcome: string | null;
};

export class Audit {
  readonly #database: Queries;
  readonly #log: Log;
  readonly #refusals = new AttemptLimit(REFUSALS_PER_MINUTE_MAX, 60_000);
  /** Refusals that were left out since the last one that was written. */
  #unwritten = 0;

  constructor(database: Queries, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /**
   * Writes down what is about to be done, before it is done: without a line there is no deed.
   * @returns the line's number, for its end
   * @throws StoreUnavailable when it cannot be written
   */
  begin(note: AuditNote): Promise<number> {
    return this.#write(note, null);
  }

  /**
   * Writes down how it ended. A line without an end says that this is not known.
   * @param outcome `done`, or the code of the refusal
   * @param personId whom it was done to, where only the deed has made them
   */
  async end(entryId: number, outcome: string, personId: PersonId | null): Promise<void> {
    try {
      await this.#database.query(
        `insert into audit_entry (actor_id, action, person_id, detail, of_entry, outcome)
         select actor_id, action, $3, '{}', id, $2 from audit_entry where id = $1`,
        [entryId, outcome, personId],
      );
    } catch (error) {
      this.#log.error({ err: error, entryId, outcome }, 'how a deed ended was not written to the audit log');
    }
  }

  /** Writes down what is done with this line. @throws StoreUnavailable when it cannot be written */
  async note(note: AuditNote): Promise<void> {
    await this.#write(note, 'done');
  }

  /** Writes down that somebody was kept out. What is too much in a minute is counted, for the next. Never throws. */
  async refused(note: AuditNote, code: string): Promise<void> {
    if (!this.#refusals.take('all', performance.now())) {
      this.#unwritten += 1;
      return;
    }
    const unwritten = this.#unwritten;
    this.#unwritten = 0;
    try {
      await this.#write({ ...note, detail: { ...note.detail, ...(unwritten > 0 && { unwritten }) } }, code);
    } catch (error) {
      this.#log.error({ err: error, ...note, code }, 'a refusal was not written to the audit log');
    }
  }

  /** Lines with their ends, newest first. */
  async list(query: AuditQuery, limitMax = ENTRIES_PER_PAGE): Promise<AuditEntry[]> {
    const rows = await this.#database.query<Row>(
      `select entry.id as "entryId", entry.at, entry.actor_id as "actorId", actor.display_name as "actorName",
              entry.action, person.id as "personId", person.display_name as "personName", entry.detail,
              coalesce(entry.outcome, ended.outcome) as outcome
         from audit_entry entry left join audit_entry ended on ended.of_entry = entry.id
              left join person actor on actor.id = entry.actor_id
              left join person on person.id = coalesce(entry.person_id, ended.person_id)
        where entry.id < $1 and entry.of_entry is null and ($2::text is null or entry.action = $2)
          and ($3::bigint is null or entry.actor_id = $3)
          and ($4::bigint is null or coalesce(entry.person_id, ended.person_id) = $4)
          and ($5::text = 'all' or (entry.action = any($6::text[])) = ($5 = 'access'))
        order by entry.id desc limit $7`,
      [
        query.before ?? Number.MAX_SAFE_INTEGER,
        query.action ?? null,
        query.actorId ?? null,
        query.personId ?? null,
        query.action ? 'all' : (query.about ?? 'deeds'),
        ACCESS,
        query.limit ?? limitMax,
      ],
    );
    return rows.map((row) => ({
      entryId: row.entryId,
      at: row.at.toISOString(),
      actor: row.actorId === null ? null : { personId: row.actorId, displayName: row.actorName ?? '' },
      action: row.action,
      person: row.personId === null ? null : { personId: row.personId, displayName: row.personName ?? '' },
      detail: row.detail,
      outcome: row.outcome,
    }));
  }

  /** Walks over all lines: each must carry the hash of the one before, and the last must be the newest that is known. */
  async check(): Promise<AuditState> {
    const { lineCount, line, hash, firstBreak } = await this.#database.one<{
      lineCount: number;
      line: number;
      hash: string;
      firstBreak: number | null;
    }>(
      `with bound as (
         select id, hash, sha256(coalesce(lag(hash) over (order by id), decode(repeat('00', 32), 'hex')) ||
                                 convert_to(audit_line(entry), 'UTF8')) as wanted
           from audit_entry entry
       ), last as (select id, hash from audit_entry order by id desc limit 1)
       select (select count(*) from bound) as "lineCount", head.last_entry as line, encode(head.hash, 'hex') as hash,
              coalesce((select min(id) from bound where hash <> wanted),
                       case when coalesce((select id from last), 0) <> head.last_entry
                              or coalesce((select hash from last), head.hash) <> head.hash
                            then head.last_entry end) as "firstBreak"
         from audit_head head`,
      [],
      { deadlineMs: CHECK_MS_MAX },
    );
    return { lineCount, head: { line, hash }, firstBreak };
  }

  async #write({ actorId, action, personId, detail }: AuditNote, outcome: string | null): Promise<number> {
    const { id } = await this.#database.one<{ id: number }>(
      `insert into audit_entry (actor_id, action, person_id, detail, outcome)
       values ($1, $2, (select id from person where id = $3), $4::text::jsonb, $5) returning id`,
      [actorId, action, personId, JSON.stringify(detail), outcome],
    );
    return id;
  }
}

/** The parts of requests that an entry keeps, each as a text, a number or a yes and no. */
export function detailOf(...parts: unknown[]): AuditEntry['detail'] {
  const detail: AuditEntry['detail'] = {};
  for (const part of parts) {
    for (const [key, value] of Object.entries((part ?? {}) as Record<string, unknown>)) {
      if (!KEPT.has(key) || value === null || value === undefined) continue;
      if (typeof value === 'number' || typeof value === 'boolean') detail[key] = value;
      else detail[key] = (Array.isArray(value) ? value.join(', ') : String(value)).slice(0, TEXT_LENGTH_MAX);
    }
  }
  return detail;
}
