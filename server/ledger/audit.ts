import { type LedgerState, type Minor, toMinor } from '../contract/index.ts';
import type { Queries } from '../store/index.ts';

export interface LedgerTotals {
  readonly revenueMinor: Minor;
  /** Owed to clients. */
  readonly creditMinor: Minor;
  /** Owed to models. */
  readonly earningsMinor: Minor;
  /** Set aside for payouts that are not paid yet. */
  readonly payoutsDueMinor: Minor;
}

/** The studio's money, from the balances alone. */
export async function totalsOf(database: Queries): Promise<LedgerTotals> {
  const rows = await database.query<{ kind: string; balance: number }>(
    'select kind, sum(balance_minor)::bigint as balance from ledger_account group by kind',
  );
  const of = (kind: string) => toMinor(rows.find((row) => row.kind === kind)?.balance ?? 0);
  return {
    revenueMinor: of('studio_revenue'),
    creditMinor: of('client_wallet'),
    earningsMinor: of('model_earnings'),
    payoutsDueMinor: of('payouts_clearing'),
  };
}

/** Anyone can run this: the sum over all accounts, and the accounts whose balance its transfers do not explain. */
const BALANCES = `
  with moved as (
    select account, sum(amount)::bigint as amount from (
      select debit_account as account, -amount_minor as amount from ledger_transfer
      union all select credit_account, amount_minor - share_minor from ledger_transfer
      union all select share_account, share_minor from ledger_transfer where share_account is not null) part
     group by account)
  select coalesce(sum(balance_minor), 0)::bigint as sum,
         count(*) filter (where balance_minor <> coalesce(moved.amount, 0)) as wrong,
         count(*) filter (where balance_minor < floor_minor) as sunk
    from ledger_account left join moved on moved.account = ledger_account.id`;

/** The next batches with their transfers, hashed again; the first that does not fit, if there is one. */
const BREAK = `
  with batch as (
    select number, last_transfer, transfer_count, hash, at,
           coalesce(lag(number) over following, $1) as number_before,
           coalesce(lag(hash) over following, $2::bytea) as hash_before,
           coalesce(lag(last_transfer) over following, $3) as transfer_before
      from ledger_batch where number > $1 and number <= $4 window following as (order by number)
  ), hashed as (
    select batch.number, count(t.id) as count,
           sha256(batch.hash_before || int8send(batch.number) ||
                  convert_to(coalesce(string_agg(ledger_line(t), E'\\n' order by t.id), ''), 'UTF8')) as hash
      from batch left join ledger_transfer t on t.id > batch.transfer_before and t.id <= batch.last_transfer
     group by batch.number, batch.hash_before
  )
  select batch.number, batch.number_before as "numberBefore", batch.transfer_before as "transferBefore",
         batch.last_transfer as "lastTransfer", batch.transfer_count as "shouldHave", hashed.count as "has", batch.at
    from batch join hashed on hashed.number = batch.number
   where batch.number <> batch.number_before + 1 or hashed.hash <> batch.hash or hashed.count <> batch.transfer_count
   order by batch.number limit 1`;

interface Link extends Record<string, unknown> {
  number: number;
  lastTransfer: number;
  hash: Uint8Array;
}

/** Transfers hashed in one statement. */
const CHUNK_TRANSFERS = 50_000;
const STATEMENT_MS_MAX = 120_000;
const GENESIS: Link = { number: 0, lastTransfer: 0, hash: new Uint8Array(32) };

/** Adds everything up and walks the chain from its first batch. Reads only; the appliance goes on meanwhile. */
export async function checkLedger(database: Queries): Promise<LedgerState> {
  const slow = { deadlineMs: STATEMENT_MS_MAX };
  const [balances] = await database.query<{ sum: number; wrong: number; sunk: number }>(BALANCES, [], slow);
  if (!balances) throw new Error('the balances were not added up');
  const chain = await walkChain(database);
  return {
    checkedAt: new Date().toISOString(),
    isBalanced: balances.sum === 0 && balances.wrong === 0 && balances.sunk === 0,
    isChainIntact: chain.firstBreak === null,
    ...chain,
  };
}

async function walkChain(database: Queries): Promise<Pick<LedgerState, 'firstBreak' | 'transferCount' | 'head'>> {
  const slow = { deadlineMs: STATEMENT_MS_MAX };
  let link = GENESIS;
  let transferCount = 0;
  const broken = (firstBreak: string) => ({ firstBreak, transferCount, head: headOf(link) });
  for (;;) {
    const next = await nextLink(database, link);
    if (!next) break;
    const [found] = await database.query<BreakRow>(
      BREAK,
      [link.number, Buffer.from(link.hash), link.lastTransfer, next.number],
      slow,
    );
    if (found) return broken(sentenceOf(found));
    transferCount += next.transferCount;
    link = next;
  }
  const end = await database.one<{ batch: number; hash: Uint8Array; newest: number | null; strays: number | null }>(
    `select head.batch, head.hash, (select max(number) from ledger_batch) as newest,
            (select min(id) from ledger_transfer where id > head.last_transfer) as strays
       from ledger_head head`,
  );
  if (end.batch !== (end.newest ?? 0)) {
    return broken(`Batch ${end.batch} was the newest, and the last one that is there is ${end.newest ?? 0}.`);
  }
  if (end.strays !== null) return broken(`Transfer ${end.strays} stands in no batch.`);
  if (end.batch === link.number && Buffer.compare(end.hash, link.hash) !== 0) {
    return broken(`Batch ${end.batch} has another hash than when it was posted.`);
  }
  return { firstBreak: null, transferCount, head: headOf(link) };
}

/** Up to which batch to go in one statement; null at the end of the chain. */
async function nextLink(database: Queries, from: Link): Promise<(Link & { transferCount: number }) | null> {
  const [next] = await database.query<Link & { transferCount: number }>(
    `with ahead as (
       select number, last_transfer, hash, sum(transfer_count) over (order by number) as sum
         from ledger_batch where number > $1 order by number limit $2)
     select number, last_transfer as "lastTransfer", hash, sum::bigint as "transferCount" from ahead
      where sum <= $2 or number = (select min(number) from ahead)
      order by number desc limit 1`,
    [from.number, CHUNK_TRANSFERS],
  );
  return next ?? null;
}

interface BreakRow extends Record<string, unknown> {
  number: number;
  numberBefore: number;
  transferBefore: number;
  lastTransfer: number;
  shouldHave: number;
  has: number;
  at: Date;
}

function sentenceOf(found: BreakRow): string {
  const { number, numberBefore, transferBefore, lastTransfer, shouldHave, has, at } = found;
  if (number !== numberBefore + 1)
    return `Batch ${numberBefore + 1} is missing: batch ${number} follows ${numberBefore}.`;
  const what = `Batch ${number} (transfers ${transferBefore + 1} to ${lastTransfer}, posted ${at.toISOString()})`;
  if (has < shouldHave) return `${what} had ${shouldHave} transfers and has ${has}: some were removed.`;
  if (has > shouldHave) return `${what} had ${shouldHave} transfers and has ${has}: some were put in.`;
  return `${what} does not fit its hash: it, or the batch before, was changed.`;
}

function headOf(link: Link): LedgerState['head'] {
  return link.number === 0 ? null : { batch: link.number, hash: Buffer.from(link.hash).toString('hex') };
}

/** The newest batch as it was posted, not as it adds up; null before the first. */
export async function headOfLedger(database: Queries): Promise<LedgerState['head']> {
  const head = await database.one<{ batch: number; hash: string }>(
    `select batch, encode(hash, 'hex') as hash from ledger_head`,
  );
  return head.batch === 0 ? null : head;
}

/** A head as people write it down: `1234:9f86d0…`. */
export const headLine = (head: LedgerState['head']): string | null => head && `${head.batch}:${head.hash}`;
