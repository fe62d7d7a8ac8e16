import {
  type Earnings,
  type PersonId,
  type Report,
  type ReportFigures,
  type ReportQuery,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Database, Row } from '../store/index.ts';
import { totalsOf } from './audit.ts';

const DAYS_MAX = 3_660;
const DAY_MS = 86_400_000;
const REPORT_MS_MAX = 60_000;

/*
 * $1 day, model or client; $2 from, $3 to, $4 the zone of days. One pass over the span's transfers;
 * the row without a group is the total.
 */
const REPORT = `
  with moved as (
    select case $1 when 'day' then to_char(t.at at time zone $4, 'YYYY-MM-DD')
                   when 'model' then (case when share.kind = 'model_earnings' then share.person_id
                                           when debit.kind = 'model_earnings' then debit.person_id
                                           when credit.kind = 'model_earnings' then credit.person_id end)::text
                   else (case when debit.kind = 'client_wallet' then debit.person_id
                              when credit.kind = 'client_wallet' then credit.person_id end)::text end as part,
           t.kind, t.call_id, t.amount_minor as amount, t.share_minor as share,
           case when debit.kind = 'adjustments' then t.amount_minor else -t.amount_minor end as adjusted
      from ledger_standing t
      join ledger_account debit on debit.id = t.debit_account
      join ledger_account credit on credit.id = t.credit_account
      left join ledger_account share on share.id = t.share_account
     where ($2::timestamptz is null or t.at >= $2) and ($3::timestamptz is null or t.at < $3)
  )
  select part, grouping(part) = 1 as "isTotal",
         count(distinct call_id) filter (where kind in ('charge', 'minimum')) as calls,
         coalesce(sum(amount) filter (where kind in ('charge', 'minimum', 'tip')), 0)::bigint as charged,
         coalesce(sum(share) filter (where kind in ('charge', 'minimum', 'tip', 'refund', 'release')), 0)::bigint as "modelMinor",
         coalesce(sum(amount - share) filter (where kind in ('refund', 'release')), 0)::bigint as "refundsMinor",
         coalesce(sum(amount) filter (where kind in ('top_up', 'voucher', 'payment')), 0)::bigint as "creditMinor",
         coalesce(sum(amount) filter (where kind = 'bonus'), 0)::bigint as "bonusMinor",
         coalesce(sum(adjusted) filter (where kind = 'adjustment'), 0)::bigint as "adjustmentsMinor",
         coalesce(sum(amount) filter (where kind = 'payout_paid'), 0)::bigint as "payoutsMinor"
    from moved group by grouping sets ((part), ())`;

interface ReportRow extends Row {
  part: string | null;
  isTotal: boolean;
  calls: number;
  charged: number;
  modelMinor: number;
  refundsMinor: number;
  creditMinor: number;
  bonusMinor: number;
  adjustmentsMinor: number;
  payoutsMinor: number;
}

/** @throws UserError `malformed` for a zone that does not exist, or more days than a report has */
export async function reportOf(database: Database, query: ReportQuery): Promise<Report> {
  const zone = zoneOf(query.zone);
  const values = [query.by, query.from ?? null, query.to ?? null, zone];
  const [found, totals] = await Promise.all([
    database.query<ReportRow>(REPORT, values, { deadlineMs: REPORT_MS_MAX }).catch(unknownZone(query.zone)),
    totalsOf(database),
  ]);
  const total = figuresOf(found.find((row) => row.isTotal));
  const parts = found.filter((row) => !row.isTotal && row.part !== null);
  return {
    by: query.by,
    rows: query.by === 'day' ? daysOf(parts, query, zone) : await peopleOf(database, parts),
    total,
    creditOutstandingMinor: totals.creditMinor,
    earningsOwedMinor: totals.earningsMinor,
    payoutsDueMinor: totals.payoutsDueMinor,
  };
}

/** Every day of the span, also those on which nothing moved, so that a plot over them is true. */
function daysOf(parts: readonly ReportRow[], query: ReportQuery, zone: string): Report['rows'] {
  const byDay = new Map(parts.map((row) => [row.part as string, row]));
  const known = [...byDay.keys()].sort();
  const first = query.from ? dayIn(zone, new Date(query.from)) : known[0];
  const last = query.to ? dayIn(zone, new Date(Date.parse(query.to) - 1)) : known.at(-1);
  if (first === undefined || last === undefined) return [];
  const rows: Report['rows'] = [];
  if (Date.parse(last) - Date.parse(first) >= DAYS_MAX * DAY_MS) {
    throw new UserError('malformed', `from, to: a report by day spans at most ${DAYS_MAX} days.`);
  }
  for (let ms = Date.parse(first); ms <= Date.parse(last); ms += DAY_MS) {
    const day = new Date(ms).toISOString().slice(0, 10);
    rows.push({ day, person: null, ...figuresOf(byDay.get(day)) });
  }
  return rows;
}

async function peopleOf(database: Database, parts: readonly ReportRow[]): Promise<Report['rows']> {
  const people = await database.query<{ personId: number; displayName: string }>(
    'select id as "personId", display_name as "displayName" from person where id = any($1::bigint[])',
    [parts.map((row) => row.part)],
  );
  const byId = new Map(people.map((person) => [String(person.personId), person]));
  return parts
    .map((row) => ({ day: null, person: byId.get(row.part as string) ?? null, ...figuresOf(row) }))
    .sort((a, b) => b.turnoverMinor - a.turnoverMinor || (a.person?.personId ?? 0) - (b.person?.personId ?? 0));
}

function figuresOf(row: ReportRow | undefined): ReportFigures {
  const turnover = (row?.charged ?? 0) - (row?.refundsMinor ?? 0);
  const model = row?.modelMinor ?? 0;
  return {
    calls: row?.calls ?? 0,
    turnoverMinor: toMinor(turnover),
    modelMinor: toMinor(model),
    studioMinor: toMinor(turnover - model),
    refundsMinor: toMinor(row?.refundsMinor ?? 0),
    creditMinor: toMinor(row?.creditMinor ?? 0),
    bonusMinor: toMinor(row?.bonusMinor ?? 0),
    adjustmentsMinor: toMinor(row?.adjustmentsMinor ?? 0),
    payoutsMinor: toMinor(row?.payoutsMinor ?? 0),
  };
}

/** A model's earnings since the last midnight, Monday and first of the month of her zone. */
export async function earningsOf(
  database: Database,
  personId: PersonId,
  zoneName: string | undefined,
): Promise<Omit<Earnings, 'balanceMinor' | 'inPayoutMinor' | 'payoutMinMinor'>> {
  const zone = zoneOf(zoneName);
  const asked = database.one<{ today: number; week: number; month: number; whole: number }>(
    `with earned as (
       select transfer.at, share_minor as amount
         from ledger_account account join ledger_standing transfer on share_account = account.id
        where account.person_id = $1 and account.kind = 'model_earnings' and transfer.kind in ('charge', 'minimum', 'tip', 'refund', 'release'))
     select coalesce(sum(amount) filter (where at >= date_trunc('day', now(), $2)), 0)::bigint as today,
            coalesce(sum(amount) filter (where at >= date_trunc('week', now(), $2)), 0)::bigint as week,
            coalesce(sum(amount) filter (where at >= date_trunc('month', now(), $2)), 0)::bigint as month,
            coalesce(sum(amount), 0)::bigint as whole
       from earned`,
    [personId, zone],
  );
  const row = await asked.catch(unknownZone(zoneName));
  return {
    todayMinor: toMinor(row.today),
    weekMinor: toMinor(row.week),
    monthMinor: toMinor(row.month),
    allMinor: toMinor(row.whole),
  };
}

/** The browser's and our own list of zones may be newer than the database's. */
const unknownZone =
  (name: string | undefined) =>
  (error: unknown): never => {
    if ((error as { code?: string }).code !== '22023') throw error; // invalid_parameter_value
    throw new UserError('malformed', `zone: the database does not know the time zone "${name}".`);
  };

function zoneOf(name: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name ?? 'UTC' }).resolvedOptions().timeZone;
  } catch {
    throw new UserError('malformed', `zone: there is no time zone "${name}".`);
  }
}

/** The date that a calendar in the zone shows. */
function dayIn(zone: string, at: Date): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(at); // Swedish dates are ISO 8601
}
