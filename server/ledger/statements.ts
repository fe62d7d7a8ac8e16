import type { Database, Row } from '../store/index.ts';

/** A transfer to post, in account ids. */
export interface Transfer {
  readonly key: string;
  readonly kind: 'charge' | 'minimum' | 'top_up';
  readonly debit: number;
  readonly credit: number;
  readonly amountMinor: number;
  readonly share?: { readonly account: number; readonly amountMinor: number };
  readonly callId?: number;
  readonly unit?: number;
  readonly reason?: string;
  readonly actorId?: number;
}

export interface Posting {
  readonly status: 'posted' | 'refused' | 'already';
  /** Of the transfer posted now or before; null when refused. */
  readonly transferId: number | null;
  /** What the transfer of this key moved; null when refused. */
  readonly amountMinor: number | null;
  /** The paying account's balance afterwards. */
  readonly debitBalanceMinor: number;
  /** The balance of the account that got the share, when one was posted now. */
  readonly shareBalanceMinor: number | null;
}

/** Longest batch: a statement's parameters stay below a megabyte. */
export const BATCH_LENGTH_MAX = 10_000;

/*
 * One statement posts the whole batch. The UPDATE of the paying accounts is itself the judge: a row
 * that would fall below its floor is not updated, and only transfers of updated accounts are
 * inserted and received. A key that is there already is answered, not posted.
 */
const POST = `
  with input as materialized (
    select i.*, known.id as known_id, known.amount_minor as known_amount
      from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                  $8::bigint[], $9::integer[], $10::text[], $11::bigint[])
           with ordinality as i(key, kind, debit, credit, amount, share_account, share, call_id, unit, reason, actor_id, ord)
      left join ledger_transfer known on known.key = i.key
  ), paid as (
    update ledger_account account
       set balance_minor = account.balance_minor - input.amount
      from input
     where input.known_id is null and account.id = input.debit
       and (account.floor_minor is null or account.balance_minor - input.amount >= account.floor_minor)
    returning account.id, account.balance_minor
  ), posted as (
    insert into ledger_transfer (key, kind, debit_account, credit_account, amount_minor, share_account, share_minor,
                                 call_id, unit, reason, actor_id)
    select key, kind, debit, credit, amount, share_account, share, call_id, unit, reason, actor_id
      from input join paid on paid.id = input.debit
     where known_id is null
     order by ord
    returning id, key, credit_account, amount_minor, share_account, share_minor
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
  )
  select input.ord, input.known_id, input.known_amount, posted.id as posted_id, posted.amount_minor as posted_amount,
         coalesce(paid.balance_minor, account.balance_minor) as balance, received.balance_minor as share_balance
    from input
    join ledger_account account on account.id = input.debit
    left join posted on posted.key = input.key
    left join paid on paid.id = input.debit
    left join received on received.id = posted.share_account
   order by input.ord`;

interface PostRow extends Row {
  known_id: number | null;
  known_amount: number | null;
  posted_id: number | null;
  posted_amount: number | null;
  balance: number;
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
  const rows = await money.query<PostRow>(POST, [
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
  ]);
  if (rows.length !== transfers.length) throw new Error(`${transfers.length} transfers got ${rows.length} answers`);
  return rows.map((row) => ({
    status: row.posted_id !== null ? 'posted' : row.known_id !== null ? 'already' : 'refused',
    transferId: row.posted_id ?? row.known_id,
    amountMinor: row.posted_amount ?? row.known_amount,
    debitBalanceMinor: row.balance,
    shareBalanceMinor: row.share_balance,
  }));
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

/** What the ledger holds of one call, in the order of posting. */
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
       from ledger_transfer where call_id = $1 order by id`,
    [callId],
  )) as unknown as CallTransfer[];
}
