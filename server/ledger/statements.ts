import { setTimeout as sleep } from 'node:timers/promises';
import type { TransferKind } from '../contract/index.ts';
import { type Database, type Row, StoreUnavailable } from '../store/index.ts';

/** A transfer to post, in account ids. */
export interface Transfer {
  readonly key: string;
  readonly kind: Exclude<TransferKind, 'refund' | 'release'>;
  readonly debit: number;
  readonly credit: number;
  readonly amountMinor: number;
  /** What the paying account has to keep beyond its floor; refused otherwise. */
  readonly keepMinor?: number;
  readonly share?: {
    readonly account: number;
    readonly amountMinor: number;
    /** Of a call's charges, whose refunds are split by it. */
    readonly percent?: number;
  };
  readonly callId?: number;
  readonly unit?: number;
  readonly reason?: string;
  readonly actorId?: number;
}

export interface Posting {
  readonly status: 'posted' | 'refused' | 'already';
  /** Of the transfer posted now or before; null when refused. */
  readonly transferId: number | null;
  /** What the transfer of this key moved, and to which account; null when refused. */
  readonly amountMinor: number | null;
  readonly credit: number | null;
  /** The account that paid it; null when refused. */
  readonly debit: number | null;
  /** The paying account's balance afterwards. */
  readonly debitBalanceMinor: number;
  /** The balances of the receiving accounts, when the transfer was posted now. */
  readonly creditBalanceMinor: number | null;
  readonly shareBalanceMinor: number | null;
}

/** Longest batch: a statement's parameters stay below a megabyte. */
export const BATCH_LENGTH_MAX = 10_000;

/*
 * The newest batch, locked: whoever posts reads it before anything else, so that batches queue here. The
 * lock may have been waited for, and then the statement's snapshot is older than what it waited for: `head`
 * is empty in that case, nothing is posted, and the statement has to be run again.
 */
export const HEAD = `
  locked as materialized (select batch, hash from ledger_head for update),
  head as materialized (select locked.* from locked join ledger_head seen on seen.batch = locked.batch)`;

/**
 * The end of every posting statement: chains what `posted` inserted to the batch before
 * (004_money.sql says what the hash covers). Nothing posted, nothing chained.
 */
export const CHAIN = `
  chained as (
    insert into ledger_batch (number, last_transfer, transfer_count, hash)
    select head.batch + 1, max(posted.id), count(*),
           sha256(head.hash || int8send(head.batch + 1) ||
                  convert_to(string_agg(posted.line, E'\\n' order by posted.id), 'UTF8'))
      from head cross join posted
     group by head.batch, head.hash
    returning number, last_transfer, hash
  ), moved_head as (
    update ledger_head
       set batch = chained.number, last_transfer = chained.last_transfer, hash = chained.hash
      from chained
  )`;

/*
 * One statement posts the whole batch. The UPDATE of the paying accounts is itself the judge: a row
 * that would fall below its floor is not updated, and only transfers of updated accounts are
 * inserted and received. A key that is there already is answered, not posted. What is looked up row by
 * row stands in a subselect: as a join the planner once read the whole table of transfers for it. And it asks
 * `is_new`, not whether `known_id` is null: once the table has statistics, the planner knows that no id ever is,
 * counts on one row where all are new, and walks the batch once for each of its lines.
 */
const POST = `
  with ${HEAD}, input as materialized (
    select i.*, known.id as known_id, known.amount_minor as known_amount, known.credit_account as known_credit,
           known.debit_account as known_debit, known.id is null as is_new
      from head
      cross join unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                        $8::bigint[], $9::integer[], $10::text[], $11::bigint[], $12::bigint[], $13::integer[])
           with ordinality as i(key, kind, debit, credit, amount, share_account, share, call_id, unit, reason, actor_id, keep, percent, ord)
      left join lateral (select id, amount_minor, credit_account, debit_account from ledger_transfer where key = i.key limit 1) known
             on true
  ), paid as (
    update ledger_account account
       set balance_minor = account.balance_minor - input.amount
      from input
     where input.is_new and account.id = input.debit
       and (account.floor_minor is null or account.balance_minor - input.amount - input.keep >= account.floor_minor)
    returning account.id, account.balance_minor
  ), posted as (
    insert into ledger_transfer (key, kind, debit_account, credit_account, amount_minor, share_account, share_minor,
                                 call_id, unit, reason, actor_id, share_percent)
    select key, kind, debit, credit, amount, share_account, share, call_id, unit, reason, actor_id, percent
      from input join paid on paid.id = input.debit
     where is_new
     order by ord
    returning id, key, credit_account, amount_minor, share_account, share_minor, ledger_line(ledger_transfer) as line
  ), received as (
    update ledger_account account
       set balance_minor = account.balance_minor + incoming.amount
      from (select account, sum(amount)::bigint as amount
              from (select credit_account as account, amount_minor - share_minor as amount from posted
                    union all
                    select share_account, share_minor from posted where share_account is not null) part
             group by account) incoming
     where account.id = incoming.account
    returning account.id, account.balance_minor
  ), ${CHAIN}
  select input.ord, input.known_id, input.known_amount, input.known_credit, input.known_debit,
         posted.id as posted_id, posted.amount_minor as posted_amount,
         coalesce(paid.balance_minor,
                  (select balance_minor from ledger_account account where account.id = input.debit)) as balance,
         credited.balance_minor as credit_balance, shared.balance_minor as share_balance
    from input
    left join posted on posted.key = input.key
    left join paid on paid.id = input.debit
    left join received credited on credited.id = posted.credit_account
    left join received shared on shared.id = posted.share_account
   order by input.ord`;

interface PostRow extends Row {
  known_id: number | null;
  known_amount: number | null;
  known_credit: number | null;
  known_debit: number | null;
  posted_id: number | null;
  posted_amount: number | null;
  balance: number;
  credit_balance: number | null;
  share_balance: number | null;
}

/**
 * Posts a batch, each transfer whole or not at all, in one statement.
 * @param transfers at most BATCH_LENGTH_MAX; no key twice, no account paying twice, none both paying and receiving
 * @throws StoreUnavailable when it is unknown whether the batch was posted: post it again as it is
 */
export async function postTransfers(money: Database, transfers: readonly Transfer[]): Promise<Posting[]> {
  if (transfers.length === 0) return [];
  assertBatch(transfers);
  const column = <T>(of: (transfer: Transfer) => T) => transfers.map(of);
  const values = [
    column((t) => t.key),
    column((t) => t.kind),
    column((t) => t.debit),
    column((t) => t.credit),
    column((t) => t.amountMinor),
    column((t) => t.share?.account ?? null),
    column((t) => t.share?.amountMinor ?? 0),
    column((t) => t.callId ?? null),
    column((t) => t.unit ?? null),
    column((t) => t.reason ?? null),
    column((t) => t.actorId ?? null),
    column((t) => t.keepMinor ?? 0),
    column((t) => t.share?.percent ?? null),
  ];
  const rows = await runPosting<PostRow>(money, POST, values, (answer) => answer.length === 0);
  if (rows.length !== transfers.length) throw new Error(`${transfers.length} transfers got ${rows.length} answers`);
  return rows.map((row, index) => ({
    status: row.posted_id !== null ? 'posted' : row.known_id !== null ? 'already' : 'refused',
    transferId: row.posted_id ?? row.known_id,
    amountMinor: row.posted_amount ?? row.known_amount,
    credit: row.posted_id !== null ? (transfers[index] as Transfer).credit : row.known_credit,
    debit: row.posted_id !== null ? (transfers[index] as Transfer).debit : row.known_debit,
    debitBalanceMinor: row.balance,
    creditBalanceMinor: row.credit_balance,
    shareBalanceMinor: row.share_balance,
  }));
}

/** Errors by which a posting of another connection was met half-way; nothing of this statement happened. */
const MET_ANOTHER = new Set([
  '23505', // unique_violation
  '40001', // serialization_failure
  '40P01', // deadlock_detected
]);
const TRIES_MAX = 100;
const PAUSE_MS_MAX = 20;

/**
 * Runs a posting statement, again when another connection has posted meanwhile: then it sees what that one did.
 * @param isStale whether the answer is that of a statement that found its snapshot too old
 */
export async function runPosting<R extends Row>(
  money: Database,
  text: string,
  values: unknown[],
  isStale: (rows: readonly R[]) => boolean,
): Promise<R[]> {
  for (let tries = 1; ; tries++) {
    try {
      const rows = await money.query<R>(text, values);
      if (!isStale(rows)) return rows;
      if (tries === TRIES_MAX) throw new StoreUnavailable('other connections post all the time');
    } catch (error) {
      if (!MET_ANOTHER.has((error as { code?: string }).code ?? '') || tries === TRIES_MAX) throw error;
    }
    await sleep(Math.random() * PAUSE_MS_MAX);
  }
}

/** One statement changes a row once: a second change of the same account would be lost without a word. */
function assertBatch(transfers: readonly Transfer[]): void {
  if (transfers.length > BATCH_LENGTH_MAX) throw new RangeError(`a batch of ${transfers.length} transfers`);
  const keys = new Set<string>();
  const paying = new Set<number>();
  for (const transfer of transfers) {
    if (keys.has(transfer.key)) throw new Error(`the key ${transfer.key} stands twice in a batch`);
    if (paying.has(transfer.debit)) throw new Error(`account ${transfer.debit} pays twice in a batch`);
    keys.add(transfer.key);
    paying.add(transfer.debit);
  }
  for (const { credit, share } of transfers) {
    if (paying.has(credit) || (share && paying.has(share.account)))
      throw new Error('an account pays and receives in a batch');
  }
}

/** What the ledger holds of one call's charges, in the order of posting; refunds and what was released stand apart. */
export interface CallTransfer {
  readonly transferId: number;
  readonly kind: 'charge' | 'minimum';
  readonly unit: number;
  readonly amountMinor: number;
  readonly shareMinor: number;
  readonly at: Date;
}

export async function transfersOfCall(database: Database, callId: number): Promise<CallTransfer[]> {
  return (await database.query(
    `select id as "transferId", kind, unit, amount_minor as "amountMinor", share_minor as "shareMinor", at
       from ledger_transfer charge where call_id = $1 and kind in ('charge', 'minimum')
        and not exists (select from ledger_transfer release where release.kind = 'release' and release.refund_of = charge.id)
      order by id`,
    [callId],
  )) as unknown as CallTransfer[];
}
