import {
  type CallRefunds,
  type Minor,
  type PersonId,
  REFUND_DAYS_MAX,
  type TipLine,
  toMinor,
  UserError,
} from '../contract/index.ts';
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
 * The same with what the model gives back of each: over all refunds of a call she gives back
 * floor(refunded so far * share / 100) in total, in the order of the refunds (charging rule 7). Charges of an
 * older version were rounded each by itself: there a refund gives back its charge's own share.
 */
const REFUNDABLE_SPLIT = `
  with call as materialized (
    select max(share_percent)::bigint as percent,
           count(*) = count(share_percent)
             and sum(share_minor)::bigint = sum(amount_minor)::bigint * max(share_percent) / 100 as is_cumulative
      from ledger_transfer charge
     where call_id = $1 and kind in ('charge', 'minimum')
       and not exists (select from ledger_transfer release where release.kind = 'release' and release.refund_of = charge.id)
  ), refunded as materialized (
    select coalesce(sum(amount_minor - share_minor), 0)::bigint as amount
      from ledger_transfer where call_id = $1 and kind = 'refund' and unit is not null
  ), running as materialized (
    select refundable.*, refunded.amount + coalesce(sum(amount_minor) over (
             order by id rows between unbounded preceding and 1 preceding), 0)::bigint as before
      from (${REFUNDABLE}) refundable cross join refunded
  )
  select running.*,
         case when call.is_cumulative
              then (before + amount_minor) * call.percent / 100 - before * call.percent / 100
              else share_minor end as due
    from running cross join call`;

/*
 * Gives back whole charges, all that were found or none, in one statement. The amounts come from the
 * charges themselves, and a charge is named once (unique refund_of), so that no retry and no race gives
 * back more than was charged. All charges of a call have the same three accounts.
 */
const givingBack = (how: {
  /** A query of charges, with what the model gives back of each in `due`. */
  readonly charges: string;
  readonly kind: 'refund' | 'release';
  readonly key: string;
  readonly reason: string;
  readonly actor: string;
  /** Whether the model's earnings must cover her part. */
  readonly mustCover: string;
}) => `
  with ${HEAD}, charge as materialized (
    select found.* from head cross join (${how.charges}) found
  ), account as materialized (
    select id, balance_minor, floor_minor from ledger_account
     where id in (select unnest(array[debit_account, credit_account, share_account]) from charge)
     order by id for update
  ), part as (
    select charge.*, least(charge.due, greatest(0, earnings.balance_minor
             - coalesce(sum(charge.due) over (order by charge.id rows between unbounded preceding and 1 preceding), 0)
           ))::bigint as taken
      from charge join account earnings on earnings.id = charge.share_account
  ), whole as (
    select debit_account as wallet, credit_account as studio, share_account as earnings,
           sum(amount_minor)::bigint as amount, sum(taken)::bigint as taken, sum(due)::bigint as due
      from part group by 1, 2, 3
  ), studio_paid as (
    update ledger_account account
       set balance_minor = account.balance_minor - (whole.amount - whole.taken)
      from whole
     where account.id = whole.studio and (not ${how.mustCover} or whole.taken = whole.due)
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
    select ${how.key}, '${how.kind}', credit_account, debit_account, amount_minor - taken, share_account, -taken,
           call_id, unit, ${how.reason}, ${how.actor}, part.id
      from part cross join studio_paid
     order by part.id
    returning id, ledger_line(ledger_transfer) as line
  ), ${CHAIN}
  select not exists (select 1 from head) as "isStale", (select count(*) from charge) as "foundCount", (select count(*) from posted) as "postedCount",
         client_got.person_id as "clientId", client_got.balance_minor as "clientMinor",
         model_paid.person_id as "modelId", model_paid.balance_minor as "modelMinor"
    from (select 1) one left join client_got on true left join model_paid on true`;

/* $1 to $4 as above, $5 reason, $6 who, $7 whether the model's earnings must cover her part. */
const REFUND = givingBack({
  charges: REFUNDABLE_SPLIT,
  kind: 'refund',
  key: `'refund:' || part.id`,
  reason: '$5',
  actor: '$6',
  mustCover: '$7::boolean',
});

/* $1 call, $2 the tip's transfer, $3 the model whose it must be or null, $4 days that may have passed or null. */
const REFUNDABLE_TIP = `
  select tip.*, tip.share_minor as due from ledger_transfer tip
    join ledger_account earnings on earnings.id = tip.share_account
   where tip.call_id = $1 and tip.kind = 'tip' and ($2::bigint is null or tip.id = $2)
     and ($3::bigint is null or earnings.person_id = $3)
     and ($4::integer is null or tip.at > now() - make_interval(days => $4))
     and not exists (select 1 from ledger_transfer refund where refund.refund_of = tip.id)`;

/* The same, $5 reason, $6 who, $7 whether the model's earnings must cover her part: that of the tip itself. */
const REFUND_TIP = givingBack({
  charges: REFUNDABLE_TIP,
  kind: 'refund',
  key: `'refund:' || part.id`,
  reason: '$5',
  actor: '$6',
  mustCover: '$7::boolean',
});

/* $1 call, $2 unit. What is given back is the split that the charge was posted with. */
const RELEASE = givingBack({
  charges: `
    select charge.*, share_minor as due from ledger_transfer charge
     where charge.key = 'charge:' || $1::bigint || ':' || $2::integer
       and not exists (select 1 from ledger_transfer refund where refund.refund_of = charge.id)`,
  kind: 'release',
  key: `'release:' || call_id || ':' || unit`,
  reason: 'null',
  actor: 'null',
  mustCover: 'false',
});

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
 * Units that one statement gives back: the connection that charges is held no longer than for these, and what falls
 * due meanwhile is posted between two of them.
 */
export const REFUND_UNITS_MAX = 500;

/**
 * Gives back the named units, each whole; units that were given back before are left alone.
 *
 * It is judged first whether everything can be given back, and nothing happens otherwise. Then it goes by
 * REFUND_UNITS_MAX units, each part whole or not at all. When it is cut in the middle (the appliance is killed, or
 * the model is paid out meanwhile), the parts before stand, the balances are right, and the same refund again
 * gives back the rest.
 * @param onBalances called after each part with what the balances are then
 * @throws UserError `call_not_found` (also a model's for a call of others), `refund_too_late`,
 *   `refund_nothing`, `refund_not_covered`
 */
export async function refund(
  money: Database,
  request: { callId: number; units: readonly number[] | 'all'; reason: string; by: Refunder },
  onBalances: (balances: RefundBalances) => void,
): Promise<void> {
  const { callId, reason, by } = request;
  const own = by.role === 'model' ? by.personId : null;
  const units = await judge(money, request);
  for (let first = 0; first < units.length; first += REFUND_UNITS_MAX) {
    const part = units.slice(first, first + REFUND_UNITS_MAX);
    // Not too late: that was judged.
    const values = [callId, part, own, null, reason, by.personId, by.role === 'model'];
    const [row] = await runPosting<RefundRow>(money, REFUND, values, ([answer]) => answer?.isStale === true);
    if (!row) throw new Error('a refund got no answer');
    if (row.postedCount > 0) {
      const { clientId, clientMinor, modelId, modelMinor } = row;
      onBalances({ clientId, clientMinor: toMinor(clientMinor), modelId, modelMinor: toMinor(modelMinor) });
    } else if (row.foundCount > 0) throw notCovered(by);
  }
}

/**
 * Gives back a tip, whole and once (charging rule 9).
 * @returns the balances after it; null when it went back before
 * @throws UserError `call_not_found` (also a model's for a call of others), `refund_nothing` for what is no tip of the
 *   call, `refund_too_late`, `refund_not_covered`
 */
export async function refundTip(
  money: Database,
  request: { callId: number; transferId: number; reason: string; by: Refunder },
): Promise<RefundBalances | null> {
  const { callId, transferId, reason, by } = request;
  const own = by.role === 'model' ? by.personId : null;
  const [known] = await money.query<{ isRefunded: boolean; isOwn: boolean; isTooOld: boolean }>(
    `select exists (select 1 from ledger_transfer refund where refund.refund_of = tip.id) as "isRefunded",
            ($3::bigint is null or earnings.person_id = $3) as "isOwn",
            ($3::bigint is not null and tip.at <= now() - make_interval(days => $4)) as "isTooOld"
       from ledger_transfer tip join ledger_account earnings on earnings.id = tip.share_account
      where tip.call_id = $1 and tip.id = $2 and tip.kind = 'tip'`,
    [callId, transferId, own, REFUND_DAYS_MAX],
  );
  if (!known) throw new UserError('refund_nothing');
  if (!known.isOwn) throw new UserError('call_not_found');
  if (known.isRefunded) return null;
  if (known.isTooOld) throw new UserError('refund_too_late');
  // Not too late: that was judged.
  const values = [callId, transferId, own, null, reason, by.personId, by.role === 'model'];
  const [row] = await runPosting<RefundRow>(money, REFUND_TIP, values, ([answer]) => answer?.isStale === true);
  if (!row) throw new Error('a refund got no answer');
  if (row.foundCount > 0 && row.postedCount === 0) throw notCovered(by);
  if (row.postedCount === 0) return null; // somebody else was faster
  return {
    clientId: row.clientId,
    clientMinor: toMinor(row.clientMinor),
    modelId: row.modelId,
    modelMinor: toMinor(row.modelMinor),
  };
}

/** Which units to give back, in the order of their charges, or why none; all that it says is of one moment. */
async function judge(
  money: Database,
  request: { callId: number; units: readonly number[] | 'all'; by: Refunder },
): Promise<number[]> {
  const { callId, by } = request;
  const own = by.role === 'model' ? by.personId : null;
  const known = await money.query<{ unit: number; isRefunded: boolean; isOwn: boolean; isTooOld: boolean }>(
    `select charge.unit, refund.id is not null as "isRefunded",
            ($2::bigint is null or earnings.person_id = $2) as "isOwn",
            ($2::bigint is not null and charge.at <= now() - make_interval(days => $3)) as "isTooOld"
       from ledger_transfer charge
       join ledger_account earnings on earnings.id = charge.share_account
       left join ledger_transfer refund on refund.refund_of = charge.id
      where charge.call_id = $1 and charge.kind in ('charge', 'minimum') and refund.kind is distinct from 'release'
      order by charge.id`,
    [callId, own, REFUND_DAYS_MAX],
  );
  if (known.some((charge) => !charge.isOwn)) throw new UserError('call_not_found');
  const names = request.units === 'all' ? null : new Set(request.units);
  const named = known.filter((charge) => names === null || names.has(charge.unit));
  if (named.length === 0) throw new UserError('refund_nothing');
  const left = named.filter((charge) => !charge.isRefunded);
  const tooOld = left.filter((charge) => charge.isTooOld);
  if (tooOld.length > 0 && (names !== null || tooOld.length === left.length)) throw tooLate(tooOld, names !== null);
  const units = left.filter((charge) => !charge.isTooOld).map(({ unit }) => unit);
  if (units.length > REFUND_UNITS_MAX) await judgeCover(money, callId, units, by);
  return units;
}

/** Whether the balances cover all parts of a refund; one that goes in one statement is judged by it alone. */
async function judgeCover(money: Database, callId: number, units: readonly number[], by: Refunder): Promise<void> {
  const { isOwnCovered, isStudioCovered } = await money.one<{ isOwnCovered: boolean; isStudioCovered: boolean }>(
    `with whole as (
       select credit_account as studio, share_account as earnings,
              sum(amount_minor)::bigint as amount, sum(due)::bigint as due
         from (${REFUNDABLE_SPLIT}) charge group by 1, 2)
     select coalesce(bool_and(earnings.balance_minor >= whole.due), true) as "isOwnCovered",
            coalesce(bool_and(studio.balance_minor >= whole.amount - least(whole.due, earnings.balance_minor)), true)
              as "isStudioCovered"
       from whole
       join ledger_account earnings on earnings.id = whole.earnings
       join ledger_account studio on studio.id = whole.studio`,
    [callId, units, null, null],
  );
  if (!isStudioCovered || (by.role === 'model' && !isOwnCovered)) throw notCovered(by);
}

const notCovered = (by: Refunder): UserError =>
  new UserError(
    'refund_not_covered',
    by.role === 'model' ? undefined : "The studio's revenue does not cover this refund. Give a bonus instead.",
  );

/** Ranges that a sentence names; what is beyond them is only said to be there. */
const RANGES_MAX = 10;

function tooLate(charges: readonly { unit: number }[], isNamed: boolean): UserError {
  if (!isNamed) return new UserError('refund_too_late');
  const ranges: { first: number; last: number }[] = [];
  for (const unit of charges.map((charge) => charge.unit).sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range && unit === range.last + 1) range.last = unit;
    else ranges.push({ first: unit, last: unit });
  }
  const shown = ranges
    .slice(0, RANGES_MAX)
    .map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
  const more = ranges.length > RANGES_MAX ? ' and more' : '';
  return new UserError(
    'refund_too_late',
    `Nothing was refunded: ${REFUND_DAYS_MAX} days have passed since unit ${shown.join(', ')}${more}. Leave these out; the operator can still refund them.`,
  );
}

/**
 * Gives a posted unit back in full, once (charging rule 4).
 * @returns what an earlier try gave back, too; null when there is no such charge, or it was refunded
 */
export async function release(
  money: Database,
  { callId, unit }: { callId: number; unit: number },
): Promise<{ releaseId: number; transferId: number; clientId: PersonId; modelId: PersonId } | null> {
  const [row] = await runPosting<RefundRow>(money, RELEASE, [callId, unit], ([answer]) => answer?.isStale === true);
  if (!row) throw new Error('a release got no answer');
  if (row.foundCount > 0 && row.postedCount === 0) {
    throw new UserError('refund_not_covered', "The studio's revenue does not cover what was released.");
  }
  const [known] = await money.query<{ releaseId: number; transferId: number; clientId: number; modelId: number }>(
    `select release.id as "releaseId", refund_of as "transferId", client.person_id as "clientId", model.person_id as "modelId"
       from ledger_transfer release
       join ledger_account client on client.id = release.credit_account
       join ledger_account model on model.id = release.share_account
      where release.key = 'release:' || $1::bigint || ':' || $2::integer`,
    [callId, unit],
  );
  return known ?? null;
}

/** A unit that was posted ahead and given back. */
export interface ReleasedUnit {
  readonly unit: number;
  readonly amountMinor: number;
  /** Of the charge. */
  readonly transferId: number;
  readonly releaseId: number;
  readonly at: Date;
}

export async function releasedOfCall(database: Database, callId: number): Promise<ReleasedUnit[]> {
  return (await database.query(
    `select unit, amount_minor - share_minor as "amountMinor", refund_of as "transferId", id as "releaseId", at
       from ledger_transfer where call_id = $1 and kind = 'release' order by id`,
    [callId],
  )) as unknown as ReleasedUnit[];
}

/** The refunds of a call, and what the person could refund now. */
export async function refundsOfCall(database: Database, callId: number, by: Refunder | null): Promise<CallRefunds> {
  const rows = await database.query<{ at: Date } & Omit<CallRefunds['refunds'][number], 'at'>>(
    `select refund.id as "transferId", refund_of as "chargeId", unit, amount_minor - share_minor as "amountMinor",
            refund.at, reason, person.display_name as "byName"
       from ledger_transfer refund left join person on person.id = actor_id
      where call_id = $1 and kind = 'refund' and unit is not null order by refund.id`,
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
  const tips = await database.query<TipRow>(
    `select tip.id as "transferId", tip.amount_minor as "amountMinor", tip.at, refund.id as "refundId",
            refund.at as "refundedAt", refund.reason, person.display_name as "byName",
            exists (select 1 from (${REFUNDABLE_TIP}) refundable where refundable.id = tip.id) as "isRefundable"
       from ledger_transfer tip
       left join ledger_transfer refund on refund.refund_of = tip.id
       left join person on person.id = refund.actor_id
      where tip.call_id = $1 and tip.kind = 'tip' order by tip.id`,
    [callId, null, own, days],
  );
  return {
    refunds: rows.map((row) => ({ ...row, at: row.at.toISOString(), byName: by ? row.byName : null })),
    refundedMinor: toMinor(rows.reduce((sum, row) => sum + row.amountMinor, 0)),
    refundableUnits: left.map((row) => row.unit),
    tips: tips.map((tip) => tipLine(tip, by !== null)),
  };
}

interface TipRow extends Row {
  transferId: number;
  amountMinor: number;
  at: Date;
  refundId: number | null;
  refundedAt: Date | null;
  reason: string | null;
  byName: string | null;
  isRefundable: boolean;
}

/** @param mayRefund whether the reader may refund, and may know who did */
function tipLine(tip: TipRow, mayRefund: boolean): TipLine {
  const { transferId, refundId, refundedAt, reason, byName } = tip;
  return {
    transferId,
    amountMinor: toMinor(tip.amountMinor),
    at: tip.at.toISOString(),
    refund:
      refundId === null || refundedAt === null
        ? null
        : {
            transferId: refundId,
            at: refundedAt.toISOString(),
            reason: reason ?? '',
            byName: mayRefund ? byName : null,
          },
    isRefundable: mayRefund && tip.isRefundable,
  };
}
