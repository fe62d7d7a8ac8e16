import {
  type CallId,
  type CallRating,
  type PersonId,
  RATING_DAYS_MAX,
  RATINGS_SHOWN_MIN,
  type RatingSummary,
  type SetRating,
  UserError,
} from '../contract/index.ts';
import type { Database, Row } from '../store/index.ts';

interface SummaryRow extends Row {
  personId: PersonId;
  count: number;
  averageTenths: number | null;
  upCount: number;
  downCount: number;
}

/** How long the sums of everyone's ratings are good for. */
const KNOWN_MS = 60_000;

const NOBODY_YET: RatingSummary = { count: 0, averageTenths: null, upCount: 0, downCount: 0 };

/** What the two people of a call think of it: a thumb, stars, and an issue when the thumb is down. */
export class Ratings {
  readonly #database: Database;
  /** Of everyone, as last added up: clients hear of it at every change of presence. */
  #known: { readonly atMs: number; readonly all: Promise<Map<PersonId, RatingSummary>> } | null = null;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Rates a call, or rates it anew.
   * @returns the id of the report when an issue came with it; null when none did
   * @throws UserError `cannot_rate`
   */
  async rate(callId: CallId, byId: PersonId, rating: SetRating): Promise<number | null> {
    if (rating.issue && rating.isUp) {
      throw new UserError('malformed', 'issue: goes with a thumb down only.');
    }
    const [row] = await this.#database.query<{ reportId: number | null }>(
      `with rated as (
         insert into rating (call_id, side, by_id, about_id, is_up, stars)
         select call.id, case when client_id = $2 then 'client' else 'model' end, $2,
                case when client_id = $2 then model_id else client_id end, $3, $4
           from call where call.id = $1 and ${RATEABLE}
         on conflict (call_id, side) do update set is_up = excluded.is_up, stars = excluded.stars, at = now()
         returning call_id, about_id
       ), reported as (
         insert into issue_report (reporter_id, about_id, call_id, kind, words)
         select $2, about_id, call_id, $5::text, $6::text from rated where $5::text is not null
         on conflict (reporter_id, call_id) where call_id is not null do update
            set kind = excluded.kind, words = excluded.words where issue_report.answered_at is null
         returning id
       )
       select (select id from reported) as "reportId" from rated`,
      [callId, byId, rating.isUp, rating.stars, rating.issue?.kind ?? null, rating.issue?.words ?? null],
    );
    if (!row) throw new UserError('cannot_rate');
    this.#known = null;
    return row.reportId;
  }

  /** What a person has said of a call, and whether they can. */
  async ofCall(callId: CallId, byId: PersonId): Promise<CallRating> {
    const [row] = await this.#database.query<{
      canRate: boolean;
      isUp: boolean | null;
      stars: number | null;
      at: Date | null;
      kind: string | null;
      words: string | null;
    }>(
      `select ${RATEABLE} as "canRate", is_up as "isUp", stars, rating.at, kind, words
         from call left join rating on rating.call_id = call.id and by_id = $2
                   left join issue_report on issue_report.call_id = call.id and reporter_id = $2
        where call.id = $1 and $2 in (client_id, model_id)`,
      [callId, byId],
    );
    if (!row) throw new UserError('call_not_found');
    return {
      canRate: row.canRate,
      rating: row.isUp === null || !row.at ? null : { isUp: row.isUp, stars: row.stars, at: row.at.toISOString() },
      issue: row.kind === null ? null : ({ kind: row.kind, words: row.words ?? '' } as CallRating['issue']),
    };
  }

  async summaryOf(personId: PersonId): Promise<RatingSummary> {
    return (await this.#summaries('where about_id = $1', [personId])).get(personId) ?? NOBODY_YET;
  }

  /** Of everyone who was rated; at most KNOWN_MS old. */
  summaries(): Promise<Map<PersonId, RatingSummary>> {
    if (this.#known && performance.now() - this.#known.atMs < KNOWN_MS) return this.#known.all;
    const all = this.#summaries('', []);
    this.#known = { atMs: performance.now(), all };
    all.catch(() => {
      this.#known = null;
    });
    return all;
  }

  async #summaries(where: string, values: unknown[]): Promise<Map<PersonId, RatingSummary>> {
    const rows = await this.#database.query<SummaryRow>(
      `select about_id as "personId", count(stars) as count,
              case when count(stars) >= ${RATINGS_SHOWN_MIN} then round(avg(stars) * 10)::integer end as "averageTenths",
              count(*) filter (where is_up) as "upCount", count(*) filter (where not is_up) as "downCount"
         from rating ${where} group by about_id`,
      values,
    );
    return new Map(rows.map(({ personId, ...summary }) => [personId, summary]));
  }
}

/** It was accepted, so that the two have met, it is over, and not for too long. `$2` is who rates. */
const RATEABLE = `(accepted_at is not null and state = 'ended' and $2 in (client_id, model_id)
  and ended_at > now() - interval '${RATING_DAYS_MAX} days')`;
