import { type CallRefunds, type Minor, type PersonId, REFUND_DAYS_MAX, toMinor, UserError } from '../contract/index.ts';
import type { Database, Row } from '../store/index.ts';
import { CHAIN, HEAD, runPosting } from './statements.ts';

/** Who refunds. A model pays her share back herself; for an operator the studio covers what she no longer has. */
export type Refunder =
  | { readonly role: 'model'; readonly personId: PersonId }
  | { readonly role: 'operator'; readonly personId: PersonId };

/** People whose balance a refund has changed. */
export interface RefundBalances {
  readonly clientId: PersonId;
  readonly clientMinor: Minor;
  readonly modelId: PersonId;
  readonly modelMinor: Minor;
}

/*
 * Charges of a call that can be given back. $1 call, $2 units or null for all, $3 the model whose call
 * it must be or null, $4 days that may have passed or null.
 */
const REFUNDABLE = `
  select charge.* from ledger_transfer charge
    join ledger_account earnings on earnings.id = charge.share_account
   where charge.call_id = $1 and charge.kind in ('charge', 'minimum')
     and ($2::integer[] is null or charge.unit = any($2::integer[]))
     and ($3::bigint is null or earnings.person_id = $3)
     and ($4::integer is null or charge.at > now() - make_interval(days => $4))
     and not exists (select 1 from ledger_transfer refund where refund.refund_of = charge.id)`;

/*
 * Gives back whole units, all that were named or none, in one statement. The amounts come from the
 * charges themselves, and a charge is named by one refund at most (unique refund_of), so that no retry
 * and no race gives back more than was charged. All charges of a call have the same three accounts.
 * $5 reason, $6 who, $7 whether the model's earnings must cover her share.
 */
const REFUND = `
  with ${HEAD}, charge as materialized (
    select refundable.* from head cross join (${REFUNDABLE}) refundable
  ), account as materialized (
    select id, balance_minor, floor_minor from ledger_account
     where id in (select unnest(array[debit_account, credit_account, share_account]) from charge)
     order by id for update
  ), part as (
    select charge.*, least(charge.share_minor, greatest(0, earnings.balance_minor
             - coalesce(sum(charge.share_minor) over (order by charge.id rows between unbounded preceding and 1 preceding), 0)
           ))::bigint as taken
      from charge join account earnings on earnings.id = charge.share_account
  ), whole as (
    select debit_account as wallet, credit_account as studio, share_account as earnings,
           sum(amount_minor)::bigint as amount, sum(taken)::bigint as taken, sum(share_minor)::bigint as share
      from part group by 1, 2, 3
  ), studio_paid as (
    update ledger_account account
       set balance_minor = account.balance_minor - (whole.amount - whole.taken)
      from whole
     where account.id = whole.studio and (not $7::boolean or whole.taken = whole.share)
       and (account.floor_minor is null or account.balance_minor - (whole.amount - whole.taken) >= account.floor_minor)
    returning account.id
  ), model_paid as (
    update ledger_account account
       set balance_minor = account.balance_minor - whole.taken
      from whole cross join studio_paid
     where account.id = whole.earnings
    returning account.person_id, account.balance_minor
  ), client_got as (
    update ledger_account account
       set balance_minor = account.balance_minor + whole.amount
      from whole cross join studio_paid
     where account.id = whole.wallet
    returning account.person_id, account.balance_minor
  ), posted as (
    insert into ledger_transfer (key, kind, debit_account, credit_account, amount_minor, share_account, share_minor,
                                 call_id, unit, reason, actor_id, refund_of)
    select 'refund:' || part.id, 'refund', credit_account, debit_account, amount_minor - taken, share_account, -taken,
           call_id, unit, $5, $6, part.id
      from part cross join studio_paid
     order by part.id
    returning id, ledger_line(ledger_transfer) as line
  ), ${CHAIN}
  select not exists (select 1 from head) as "isStale", (select count(*) from charge) as "foundCount", (select count(*) from posted) as "postedCount",
         client_got.person_id as "clientId", client_got.balance_minor as "clientMinor",
         model_paid.person_id as "modelId", model_paid.balance_minor as "modelMinor"
    from (select 1) one left join client_got on true left join model_paid on true`;

interface RefundRow extends Row {
  isStale: boolean;
  foundCount: number;
  postedCount: number;
  clientId: number;
  clientMinor: number;
  modelId: number;
  modelMinor: number;
}

/**
 * Gives back the named units, each whole; units that were given back before are left alone.
 * @returns the new balances; null when everything named was given back before
 * @throws UserError `call_not_found` (also a model's for a call of others), `refund_too_late`,
 *   `refund_nothing`, `refund_not_covered`
 */
export async function refund(
  money: Database,
  request: { callId: number; units: readonly number[] | 'all'; reason: string; by: Refunder },
): Promise<RefundBalances | null> {
  const { callId, reason, by } = request;
  const units = request.units === 'all' ? null : request.units;
  const own = by.role === 'model' ? by.personId : null;
  const days = by.role === 'model' ? REFUND_DAYS_MAX : null;
  const values = [callId, units, own, days, reason, by.personId, by.role === 'model'];
  const [row] = await runPosting<RefundRow>(money, REFUND, values, ([answer]) => answer?.isStale === true);
  if (!row) throw new Error('a refund got no answer');
  if (row.postedCount > 0) {
    const { clientId, clientMinor, modelId, modelMinor } = row;
    return { clientId, clientMinor: toMinor(clientMinor), modelId, modelMinor: toMinor(modelMinor) };
  }
  if (row.foundCount > 0) {
    throw new UserError(
      'refund_not_covered',
      by.role === 'model' ? undefined : "The studio's revenue does not cover this refund. Give a bonus instead.",
    );
  }
  return refuse(money, callId, units, own);
}

/** Says why there was nothing to give back. */
async function refuse(
  money: Database,
  callId: number,
  units: readonly number[] | null,
  own: number | null,
): Promise<null> {
  const known = await money.query<{ unit: number; isRefunded: boolean; isOwn: boolean }>(
    `select charge.unit, refund.id is not null as "isRefunded",
            ($2::bigint is null or earnings.person_id = $2) as "isOwn"
       from ledger_transfer charge
       join ledger_account earnings on earnings.id = charge.share_account
       left join ledger_transfer refund on refund.refund_of = charge.id
      where charge.call_id = $1 and charge.kind in ('charge', 'minimum')`,
    [callId, own],
  );
  if (known.some((charge) => !charge.isOwn)) throw new UserError('call_not_found');
  const named = known.filter((charge) => units === null || units.includes(charge.unit));
  if (named.length === 0) throw new UserError('refund_nothing');
  if (named.every((charge) => charge.isRefunded)) return null;
  throw new UserError('refund_too_late');
}

/** The refunds of a call, and what the person could refund now. */
export async function refundsOfCall(database: Database, callId: number, by: Refunder | null): Promise<CallRefunds> {
  const rows = await database.query<{ at: Date } & Omit<CallRefunds['refunds'][number], 'at'>>(
    `select refund.id as "transferId", refund_of as "chargeId", unit, amount_minor - share_minor as "amountMinor",
            refund.at, reason, person.display_name as "byName"
       from ledger_transfer refund left join person on person.id = actor_id
      where call_id = $1 and kind = 'refund' order by refund.id`,
    [callId],
  );
  const own = by?.role === 'model' ? by.personId : null;
  const days = by?.role === 'model' ? REFUND_DAYS_MAX : null;
  const left = by
    ? await database.query<{ unit: number }>(`select unit from (${REFUNDABLE}) refundable order by id`, [
        callId,
        null,
        own,
        days,
      ])
    : [];
  return {
    refunds: rows.map((row) => ({ ...row, at: row.at.toISOString(), byName: by ? row.byName : null })),
    refundedMinor: toMinor(rows.reduce((sum, row) => sum + row.amountMinor, 0)),
    refundableUnits: left.map((row) => row.unit),
  };
}
