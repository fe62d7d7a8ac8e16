import { type HistoryLine, type HistoryQuery, type PersonId, TransferKind, UserError } from '../contract/index.ts';
import type { Database } from '../store/index.ts';

const LINES = 50;
/** Lines of a file. */
const CSV_LINES_MAX = 100_000;

/*
 * The balance after a line is the balance now, less everything newer: right at every line, whatever
 * the filters leave out, and taken in one snapshot.
 */
const HISTORY = `
  with entry as (
    select account.balance_minor, moved.*
      from ledger_account account
      cross join lateral (
        select id, at, kind, call_id, unit, reason, -amount_minor as amount
          from ledger_standing where debit_account = account.id
        union all
        select id, at, kind, call_id, unit, reason, amount_minor - share_minor
          from ledger_standing where credit_account = account.id and kind not in ('charge', 'minimum', 'tip')
        union all
        select id, at, kind, call_id, unit, reason, share_minor
          from ledger_standing where share_account = account.id and kind <> 'payout_paid') moved
     where account.person_id = $1
  ), line as (
    select *, balance_minor - coalesce(sum(amount) over (
             order by id desc rows between unbounded preceding and 1 preceding), 0)::bigint as balance
      from entry
  )
  select id as "transferId", at, kind, call_id as "callId", unit, reason,
         amount as "amountMinor", balance as "balanceMinor"
    from line
   where id < $2 and ($3::text[] is null or kind = any($3::text[]))
     and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
   order by id desc limit $6`;

/**
 * A person's money, newest first, each line with the balance after it.
 * @throws UserError `malformed` for a kind that does not exist, `too_large` for a file of too many lines
 */
export async function historyOf(
  database: Database,
  personId: PersonId,
  query: HistoryQuery,
  form: 'page' | 'file' = 'page',
): Promise<HistoryLine[]> {
  const rows = await database.query<{ at: Date } & Omit<HistoryLine, 'at'>>(HISTORY, [
    personId,
    query.before ?? Number.MAX_SAFE_INTEGER,
    kindsOf(query.kind),
    query.from ?? null,
    query.to ?? null,
    form === 'file' ? CSV_LINES_MAX + 1 : (query.limit ?? LINES),
  ]);
  if (rows.length > CSV_LINES_MAX) {
    throw new UserError('too_large', `More than ${CSV_LINES_MAX} lines. Choose a shorter time, file by file.`);
  }
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

const KINDS: ReadonlySet<string> = new Set(TransferKind.anyOf.map((kind) => kind.const));

function kindsOf(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  const kinds = text.split(',');
  const stray = kinds.find((kind) => !KINDS.has(kind));
  if (stray) throw new UserError('malformed', `kind: "${stray}" is none of ${[...KINDS].join(', ')}.`);
  return kinds;
}
