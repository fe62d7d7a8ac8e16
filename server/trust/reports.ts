import {
  type CallId,
  type Issue,
  type IssueReport,
  type IssueReportQuery,
  type PersonId,
  UserError,
} from '../contract/index.ts';
import type { Database, Row } from '../store/index.ts';

const LINES = 50;

interface ReportRow extends Row {
  reportId: number;
  reporterId: PersonId;
  reporterName: string;
  aboutId: PersonId | null;
  aboutName: string | null;
  callId: CallId | null;
  chargedMinor: IssueReport['chargedMinor'];
  kind: IssueReport['kind'];
  words: string;
  at: Date;
  answer: string | null;
  answeredAt: Date | null;
  answeredBy: string | null;
}

const SELECT = `
  select report.id as "reportId", reporter_id as "reporterId", reporter.display_name as "reporterName",
         about_id as "aboutId", about.display_name as "aboutName", call_id as "callId",
         charged_minor as "chargedMinor", kind, words, report.at, answer, answered_at as "answeredAt",
         answerer.display_name as "answeredBy"
    from issue_report report
    join person reporter on reporter.id = reporter_id
    left join person about on about.id = about_id
    left join person answerer on answerer.id = answered_by
    left join call on call.id = call_id`;

/** What people tell the operator of a call or of each other, and what the operator answers. */
export class IssueReports {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * A report about a person; of the same call there is one, whose words can change until it is answered.
   * @throws UserError `call_not_found` when it was not a call of the two, `report_answered`
   */
  async make(reporterId: PersonId, aboutId: PersonId, issue: Issue, callId: CallId | null): Promise<number> {
    const [row] = await this.#database.query<{ id: number }>(
      `insert into issue_report (reporter_id, about_id, call_id, kind, words)
       select $1, $2, $3::bigint, $4, $5
        where $3::bigint is null or exists (
              select 1 from call where id = $3::bigint and $1 in (client_id, model_id) and $2 in (client_id, model_id))
       on conflict (reporter_id, call_id) where call_id is not null do update
          set kind = excluded.kind, words = excluded.words where issue_report.answered_at is null
       returning id`,
      [reporterId, aboutId, callId, issue.kind, issue.words],
    );
    if (row) return row.id;
    const known =
      callId === null ? [] : await this.#select('where reporter_id = $1 and call_id = $2', [reporterId, callId]);
    throw new UserError(known.length > 0 ? 'report_answered' : 'call_not_found');
  }

  /** @throws UserError `report_not_found`, `report_answered` */
  async answer(reportId: number, operatorId: PersonId, words: string): Promise<IssueReport> {
    const done = await this.#database.query(
      `update issue_report set answer = $3, answered_by = $2, answered_at = now()
        where id = $1 and answered_at is null returning id`,
      [reportId, operatorId, words],
    );
    const report = await this.read(reportId);
    if (done.length === 0) throw new UserError('report_answered');
    return report;
  }

  /** @throws UserError `report_not_found` */
  async read(reportId: number): Promise<IssueReport> {
    const [report] = await this.#select('where report.id = $1', [reportId]);
    if (!report) throw new UserError('report_not_found');
    return report;
  }

  /** Newest first. @param reporterId null for every report */
  list(query: IssueReportQuery, reporterId: PersonId | null): Promise<IssueReport[]> {
    return this.#select(
      `where report.id < $1 and ($2::bigint is null or reporter_id = $2)
         and ($3::text is null or (answered_at is null) = ($3 = 'open'))
       order by report.id desc limit $4`,
      [query.before ?? Number.MAX_SAFE_INTEGER, reporterId, query.state ?? null, query.limit ?? LINES],
    );
  }

  /** @param reporterId null for every report */
  async openCount(reporterId: PersonId | null = null): Promise<number> {
    const { count } = await this.#database.one<{ count: number }>(
      'select count(*) as count from issue_report where answered_at is null and ($1::bigint is null or reporter_id = $1)',
      [reporterId],
    );
    return count;
  }

  async #select(where: string, values: unknown[]): Promise<IssueReport[]> {
    return (await this.#database.query<ReportRow>(`${SELECT} ${where}`, values)).map((row) => ({
      reportId: row.reportId,
      reporter: { personId: row.reporterId, displayName: row.reporterName },
      about: row.aboutId === null ? null : { personId: row.aboutId, displayName: row.aboutName ?? '' },
      callId: row.callId,
      chargedMinor: row.chargedMinor,
      kind: row.kind,
      words: row.words,
      at: row.at.toISOString(),
      answer: row.answer,
      answeredAt: row.answeredAt?.toISOString() ?? null,
      answeredBy: row.answeredBy,
    }));
  }
}
