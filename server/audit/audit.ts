import type { AuditAction, AuditEntry, AuditQuery, PersonId } from '../contract/index.ts';
import type { Database } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';

export interface AuditNote {
  readonly actorId: PersonId;
  readonly action: AuditAction;
  /** Whom it was done to; null: to nobody, or to the studio. */
  readonly personId: PersonId | null;
  readonly detail: AuditEntry['detail'];
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
]);

type Row = {
  entryId: number;
  at: Date;
  actorId: PersonId;
  actorName: string;
  action: AuditAction;
  personId: PersonId | null;
  personName: string | null;
  detail: AuditEntry['detail'];
};

export class Audit {
  readonly #database: Database;
  readonly #log: Log;

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** Writes down what was done. It has been done by then: an entry that cannot be written is an error in the log. */
  async note({ actorId, action, personId, detail }: AuditNote): Promise<void> {
    try {
      await this.#database.query(
        'insert into audit_entry (actor_id, action, person_id, detail) values ($1, $2, $3, $4::text::jsonb)',
        [actorId, action, personId, JSON.stringify(detail)],
      );
    } catch (error) {
      this.#log.error({ err: error, actorId, action, personId, detail }, 'an entry of the audit log was not written');
    }
  }

  async list(query: AuditQuery): Promise<AuditEntry[]> {
    const rows = await this.#database.query<Row>(
      `select entry.id as "entryId", entry.at, actor_id as "actorId", actor.display_name as "actorName", action,
              person_id as "personId", person.display_name as "personName", detail
         from audit_entry entry join person actor on actor.id = actor_id left join person on person.id = person_id
        where entry.id < $1 and ($2::text is null or action = $2) and ($3::bigint is null or actor_id = $3)
          and ($4::bigint is null or person_id = $4)
        order by entry.id desc limit $5`,
      [
        query.before ?? Number.MAX_SAFE_INTEGER,
        query.action ?? null,
        query.actorId ?? null,
        query.personId ?? null,
        query.limit ?? ENTRIES_PER_PAGE,
      ],
    );
    return rows.map((row) => ({
      entryId: row.entryId,
      at: row.at.toISOString(),
      actor: { personId: row.actorId, displayName: row.actorName },
      action: row.action,
      person: row.personId === null ? null : { personId: row.personId, displayName: row.personName ?? '' },
      detail: row.detail,
    }));
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
