import {
  type CallRefunds,
  type Currency,
  type HistoryLine,
  type HistoryQuery,
  type LedgerState,
  type Minor,
  type PersonId,
  type Report,
  type ReportQuery,
  type Role,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Store } from '../store/index.ts';
import { AccountBook, accountKindOf } from './accounts.ts';
import { checkLedger, type LedgerTotals, totalsOf } from './audit.ts';
import { holdCurrency } from './currency.ts';
import { historyOf } from './history.ts';
import {
  type Refunder,
  type ReleasedUnit,
  refund,
  refundsOfCall,
  refundTip,
  release,
  releasedOfCall,
} from './refunds.ts';
import { earningsOf, reportOf } from './reports.ts';
import { shareOf } from './share.ts';
import { type CallTransfer, type Posting, postTransfers, type Transfer, transfersOfCall } from './statements.ts';

/** A charge that has fallen due (charging rules 2 to 4). */
export interface Charge {
  readonly callId: number;
  /** From 1. */
  readonly unit: number;
  readonly amountMinor: Minor;
  /** What the call was charged before it: the split is cumulative (charging rule 7). */
  readonly chargedBeforeMinor: Minor;
  readonly clientId: PersonId;
  readonly modelId: PersonId;
  readonly sharePercent: number;
}

/** A tip to give. The same key gives it once. */
export interface Tip extends Omit<Charge, 'unit' | 'chargedBeforeMinor'> {
  readonly key: string;
  /** What has to be left of the client's credit: the rest of the minimum (charging rule 5). */
  readonly keepMinor: Minor;
}

export interface ChargeAnswer {
  /** `posted` also when an earlier try of the same key had been posted. */
  readonly status: 'posted' | 'refused';
  readonly transferId: number | null;
  /** The client's. */
  readonly balanceMinor: Minor;
  /** The model's earnings; null when the charge is refused. */
  readonly earningsMinor: Minor | null;
  /** Her share of this charge. */
  readonly shareMinor: Minor;
}

/** A unit given back before it fell due. */
export interface Released {
  readonly releaseId: number;
  /** Of the charge. */
  readonly transferId: number;
  /** The client's. */
  readonly balanceMinor: Minor;
}

/** A tip that was given in a call. */
export interface CallTip {
  readonly callId: number;
  readonly transferId: number;
  readonly amountMinor: Minor;
  readonly shareMinor: Minor;
  readonly at: Date;
}

/** Credit for a client, and where it comes from. The same key gives credit once. */
export interface Credit {
  readonly key: string;
  readonly clientId: PersonId;
  readonly amountMinor: Minor;
  /** `top_up` (paid to the operator) when left out. */
  readonly kind?: 'top_up' | 'voucher' | 'payment' | 'bonus';
  /** Whose clearing account it comes from; the kind's own name when left out. */
  readonly provider?: string;
  readonly reason: string;
  readonly actorId: PersonId | null;
}

/** A payout in the ledger: its id makes each of its transfers happen once. */
export interface PayoutMoney {
  readonly payoutId: number;
  readonly modelId: PersonId;
  readonly amountMinor: Minor;
}

/**
 * Called after a person's balance has changed, but not for the charges of a call: whoever posts them has both balances
 * in the answer, and tells of them when the charge falls due.
 * @param released the unit that was given back, where that is the cause
 */
export type BalanceListener = (
  personId: PersonId,
  balanceMinor: Minor,
  released?: { readonly callId: number; readonly unit: number },
) => void;

export class Ledger {
  readonly #store: Store;
  readonly #accounts: AccountBook;
  #onBalance: BalanceListener = () => {};

  constructor(store: Store) {
    this.#store = store;
    this.#accounts = new AccountBook(store.money);
  }

  /**
   * To be called at the start, before money moves: the books are in the currency of their first start.
   * @throws CurrencyDiffers
   */
  holdCurrency(currency: Currency): Promise<void> {
    return holdCurrency(this.#store.main, currency);
  }

  onBalance(listener: BalanceListener): void {
    this.#onBalance = listener;
  }

  /**
   * Posts what fell due in one tick. A client has at most one charge in it.
   * @throws StoreUnavailable when it is unknown what was posted: post the same charges again
   */
  async postCharges(charges: readonly Charge[]): Promise<ChargeAnswer[]> {
    const transfers = await Promise.all(
      charges.map(
        async (charge): Promise<Transfer> => ({
          ...(await this.#chargeOf(charge)),
          key: `charge:${charge.callId}:${charge.unit}`,
          kind: 'charge',
        }),
      ),
    );
    const postings = await postTransfers(this.#store.money, transfers);
    return Promise.all(
      postings.map(async (posting, index): Promise<ChargeAnswer> => {
        const charge = charges[index] as Charge;
        assertSameAmount(posting, charge.amountMinor, `call ${charge.callId}, unit ${charge.unit}`);
        return {
          status: posting.status === 'refused' ? 'refused' : 'posted',
          transferId: posting.transferId,
          balanceMinor: toMinor(posting.debitBalanceMinor),
          earningsMinor: await this.#earningsAfter(charge, posting),
          shareMinor: toMinor((transfers[index] as Transfer).share?.amountMinor ?? 0),
        };
      }),
    );
  }

  /**
   * The rest of the minimum, as far as the balance covers it (charging rule 5), once per call.
   * @returns what was taken by this or an earlier try; 0 when there was nothing to take
   */
  async postMinimum(charge: Charge): Promise<{ amountMinor: Minor; transferId: number | null }> {
    for (;;) {
      const known = (await this.transfersOfCall(charge.callId)).find((transfer) => transfer.kind === 'minimum');
      if (known) return { amountMinor: toMinor(known.amountMinor), transferId: known.transferId };
      const balance = await this.balanceOf(charge.clientId, 'client');
      const amountMinor = toMinor(Math.min(balance, charge.amountMinor));
      if (amountMinor === 0) return { amountMinor, transferId: null };
      const transfer = await this.#chargeOf({ ...charge, unit: 0, amountMinor });
      const posting = await this.#post({ ...transfer, key: `minimum:${charge.callId}`, kind: 'minimum' });
      if (posting.status !== 'posted') continue; // the balance fell meanwhile, or it was posted before
      await this.#publishCharged(charge, posting);
      return { amountMinor, transferId: posting.transferId };
    }
  }

  /**
   * A tip from a client to a model, in a call: split as a charge is (charging rule 7), and no unit of it.
   * The same key is given once.
   * @returns the transfer and the client's balance after it; `isNew` false when this key had given it before
   * @throws UserError `balance_too_low` also when less than `keepMinor` would be left, `key_reused` when the key
   *   stands for another amount or call
   */
  async tip(tip: Tip): Promise<{ balanceMinor: Minor; isNew: boolean }> {
    const { clientId, callId, keepMinor } = tip;
    const charge = { ...tip, unit: 0, chargedBeforeMinor: toMinor(0) };
    const { unit: _, share, ...transfer } = await this.#chargeOf(charge);
    const posting = await this.#post({
      ...transfer,
      key: `tip:${clientId}:${callId}:${tip.key}`,
      kind: 'tip',
      keepMinor,
      share: { account: share.account, amountMinor: share.amountMinor },
    });
    if (posting.status === 'refused') throw new UserError('balance_too_low');
    if (posting.amountMinor !== tip.amountMinor) throw new UserError('key_reused');
    await this.#publishCharged(charge, posting);
    return { balanceMinor: toMinor(posting.debitBalanceMinor), isNew: posting.status === 'posted' };
  }

  /** Tips given in these calls and not refunded, oldest first; `amountMinor` is what the client gave. */
  async tipsOfCalls(callIds: readonly number[]): Promise<CallTip[]> {
    return (await this.#store.main.query(
      `select call_id as "callId", id as "transferId", amount_minor as "amountMinor", share_minor as "shareMinor", at
         from ledger_transfer tip where call_id = any($1::bigint[]) and kind = 'tip'
          and not exists (select 1 from ledger_transfer refund where refund.refund_of = tip.id)
        order by id`,
      [callIds],
    )) as unknown as CallTip[];
  }

  /**
   * Gives a client credit.
   * @returns the new balance; `isNew` false when this key had given it before
   * @throws UserError `key_reused` when the key stands for another amount, client or source
   */
  async topUp(request: Credit): Promise<{ balanceMinor: Minor; isNew: boolean }> {
    const { clientId, amountMinor, kind = 'top_up', provider = kind, reason, actorId } = request;
    const credit = await this.#accounts.ofPerson(clientId, 'client');
    const debit = await (kind === 'bonus'
      ? this.#accounts.ofStudio('bonus')
      : this.#accounts.ofStudio('provider_clearing', provider));
    const posting = await this.#post({
      // A key of the operator's is one credit, paid or given.
      key: kind === 'top_up' || kind === 'bonus' ? `credit:${clientId}:${request.key}` : `${kind}:${request.key}`,
      kind,
      debit,
      credit,
      amountMinor,
      reason,
      ...(actorId !== null && { actorId }),
    });
    if (posting.amountMinor !== amountMinor || posting.credit !== credit || posting.debit !== debit) {
      throw new UserError('key_reused');
    }
    const balanceMinor = toMinor(posting.creditBalanceMinor ?? (await this.balanceOf(clientId, 'client')));
    this.#onBalance(clientId, balanceMinor);
    return { balanceMinor, isNew: posting.status === 'posted' };
  }

  /**
   * Corrects a balance, up or down.
   * @param request.amountMinor above zero gives, below zero takes
   * @throws UserError `balance_too_low`, `key_reused`
   */
  async adjust(request: {
    key: string;
    personId: PersonId;
    role: Exclude<Role, 'operator'>;
    amountMinor: Minor;
    reason: string;
    actorId: PersonId;
  }): Promise<Minor> {
    const { personId, role, amountMinor, reason, actorId } = request;
    const own = await this.#accounts.ofPerson(personId, role);
    const studio = await this.#accounts.ofStudio('adjustments');
    const posting = await this.#post({
      key: `adjustment:${personId}:${request.key}`,
      kind: 'adjustment',
      debit: amountMinor > 0 ? studio : own,
      credit: amountMinor > 0 ? own : studio,
      amountMinor: Math.abs(amountMinor),
      reason,
      actorId,
    });
    if (posting.status === 'refused') throw new UserError('balance_too_low');
    if (posting.amountMinor !== Math.abs(amountMinor) || posting.credit !== (amountMinor > 0 ? own : studio)) {
      throw new UserError('key_reused');
    }
    const balanceMinor = await this.balanceOf(personId, role);
    this.#onBalance(personId, balanceMinor);
    return balanceMinor;
  }

  /**
   * Gives back units of a call (charging rule 8), by parts of `REFUND_UNITS_MAX`: charges are posted in between. One
   * that is cut in the middle is finished by the same refund again.
   * @throws UserError `call_not_found`, `refund_too_late`, `refund_nothing`, `refund_not_covered`
   */
  async refund(request: {
    callId: number;
    units: readonly number[] | 'all';
    reason: string;
    by: Refunder;
  }): Promise<CallRefunds> {
    await refund(this.#store.money, request, ({ clientId, clientMinor, modelId, modelMinor }) => {
      this.#onBalance(clientId, clientMinor);
      this.#onBalance(modelId, modelMinor);
    });
    return this.refundsOfCall(request.callId, request.by);
  }

  /**
   * Gives back a tip of a call, whole and once (charging rule 9).
   * @throws UserError `call_not_found`, `refund_nothing`, `refund_too_late`, `refund_not_covered`
   */
  async refundTip(request: { callId: number; transferId: number; reason: string; by: Refunder }): Promise<CallRefunds> {
    const balances = await refundTip(this.#store.money, request);
    if (balances) {
      this.#onBalance(balances.clientId, balances.clientMinor);
      this.#onBalance(balances.modelId, balances.modelMinor);
    }
    return this.refundsOfCall(request.callId, request.by);
  }

  /** @param by who may see who refunded, and what they could refund; null for the client */
  refundsOfCall(callId: number, by: Refunder | null): Promise<CallRefunds> {
    return refundsOfCall(this.#store.main, callId, by);
  }

  /**
   * Gives back a unit that was posted ahead and never fell due, in full and once (charging rule 4).
   * @returns the transfers of the release and of the charge, and the client's balance; null when no such unit
   *   is charged, or it was refunded
   * @throws UserError `refund_not_covered` when the model was paid out and the studio cannot cover her part
   * @throws StoreUnavailable when it is unknown whether it was given back: do it again
   */
  async release(unit: { callId: number; unit: number }): Promise<Released | null> {
    const released = await release(this.#store.money, unit);
    if (!released) return null;
    const { clientId, modelId, releaseId, transferId } = released;
    const balanceMinor = await this.balanceOf(clientId, 'client');
    const earningsMinor = await this.balanceOf(modelId, 'model');
    this.#onBalance(clientId, balanceMinor, unit);
    this.#onBalance(modelId, earningsMinor, unit);
    return { releaseId, transferId, balanceMinor };
  }

  /** Units of a call that were posted ahead and given back, in the order of the releases. */
  releasedOfCall(callId: number): Promise<ReleasedUnit[]> {
    return releasedOfCall(this.#store.main, callId);
  }

  /** Sets earnings aside for a payout. @returns false when they do not cover it */
  async holdPayout({ payoutId, modelId, amountMinor }: PayoutMoney): Promise<boolean> {
    const posting = await this.#post({
      key: `payout:${payoutId}`,
      kind: 'payout',
      debit: await this.#accounts.ofPerson(modelId, 'model'),
      credit: await this.#accounts.ofStudio('payouts_clearing'),
      amountMinor,
      reason: `Payout ${payoutId}`,
    });
    if (posting.status !== 'refused') this.#onBalance(modelId, toMinor(posting.debitBalanceMinor));
    return posting.status !== 'refused';
  }

  /** What was set aside is paid out, or goes back to the model. */
  async finishPayout({ payoutId, modelId, amountMinor }: PayoutMoney, end: 'paid' | 'returned'): Promise<void> {
    const earnings = await this.#accounts.ofPerson(modelId, 'model');
    const posting = await this.#post({
      key: `payout:${payoutId}:${end}`,
      kind: end === 'paid' ? 'payout_paid' : 'payout_returned',
      debit: await this.#accounts.ofStudio('payouts_clearing'),
      credit: end === 'paid' ? await this.#accounts.ofStudio('payouts_paid') : earnings,
      amountMinor,
      reason: `Payout ${payoutId}`,
      // No part of it, but her name on it, for the reports.
      ...(end === 'paid' && { share: { account: earnings, amountMinor: 0 } }),
    });
    if (posting.status === 'refused') throw new Error(`payout ${payoutId} was not set aside`);
    if (end === 'returned') {
      const balance = posting.creditBalanceMinor ?? (await this.balanceOf(modelId, 'model'));
      this.#onBalance(modelId, toMinor(balance));
    }
  }

  /** A client's credit or a model's earnings. */
  async balanceOf(personId: PersonId, role: Exclude<Role, 'operator'>): Promise<Minor> {
    const [row] = await this.#store.money.query<{ balance: number }>(
      'select balance_minor as balance from ledger_account where person_id = $1 and kind = $2',
      [personId, accountKindOf(role)],
    );
    return toMinor(row?.balance ?? 0);
  }

  /** Balances of these people, by person. */
  async balances(personIds: readonly PersonId[]): Promise<Map<PersonId, Minor>> {
    const rows = await this.#store.main.query<{ person_id: number; balance: number }>(
      'select person_id, balance_minor as balance from ledger_account where person_id = any($1::bigint[])',
      [personIds],
    );
    return new Map(rows.map((row) => [row.person_id, toMinor(row.balance)]));
  }

  transfersOfCall(callId: number): Promise<CallTransfer[]> {
    return transfersOfCall(this.#store.main, callId);
  }

  /** What models earned by the time of each of these calls, refunds taken off and tips left out. */
  async earningsOfCalls(callIds: readonly number[]): Promise<Map<number, Minor>> {
    const rows = await this.#store.main.query<{ callId: number; earned: number }>(
      `select call_id as "callId", sum(share_minor)::bigint as earned
         from ledger_standing where call_id = any($1::bigint[]) and unit is not null group by call_id`,
      [callIds],
    );
    return new Map(rows.map((row) => [row.callId, toMinor(row.earned)]));
  }

  /** What clients got back of the price of each of these calls; tips are no part of it. */
  async refundedOfCalls(callIds: readonly number[]): Promise<Map<number, Minor>> {
    const rows = await this.#store.main.query<{ callId: number; refunded: number }>(
      `select call_id as "callId", sum(amount_minor - share_minor)::bigint as refunded
         from ledger_transfer where call_id = any($1::bigint[]) and kind = 'refund' and unit is not null group by call_id`,
      [callIds],
    );
    return new Map(rows.map((row) => [row.callId, toMinor(row.refunded)]));
  }

  /** What the studio keeps of a call's charges, refunds taken off. */
  async studioPartOf(callId: number): Promise<Minor> {
    const { part } = await this.#store.main.one<{ part: number }>(
      `select coalesce(sum(case when kind in ('refund', 'release') then -amount_minor else amount_minor - share_minor end), 0)::bigint as part
         from ledger_standing where call_id = $1 and unit is not null`,
      [callId],
    );
    return toMinor(part);
  }

  /** A person's money, newest first, each line with the balance after it. */
  history(personId: PersonId, query: HistoryQuery, form: 'page' | 'file' = 'page'): Promise<HistoryLine[]> {
    return historyOf(this.#store.main, personId, query, form);
  }

  earnings(personId: PersonId, zone: string | undefined): ReturnType<typeof earningsOf> {
    return earningsOf(this.#store.main, personId, zone);
  }

  report(query: ReportQuery): Promise<Report> {
    return reportOf(this.#store.main, query);
  }

  /** The studio's money, from the balances alone. */
  totals(): Promise<LedgerTotals> {
    return totalsOf(this.#store.main);
  }

  /** Adds up every transfer and walks the chain: seconds for a million transfers. */
  check(): Promise<LedgerState> {
    return checkLedger(this.#store.main);
  }

  /** The hash of a batch in hexadecimal digits; null when there is no such batch. */
  async hashOfBatch(number: number): Promise<string | null> {
    const [batch] = await this.#store.main.query<{ hash: string }>(
      `select encode(hash, 'hex') as hash from ledger_batch where number = $1`,
      [number],
    );
    return batch?.hash ?? null;
  }

  async #post(transfer: Transfer): Promise<Posting> {
    const [posting] = await postTransfers(this.#store.money, [transfer]);
    return posting as Posting;
  }

  async #chargeOf(charge: Charge): Promise<Omit<Transfer, 'key' | 'kind'> & Required<Pick<Transfer, 'share'>>> {
    const [debit, credit, earnings] = await Promise.all([
      this.#accounts.ofPerson(charge.clientId, 'client'),
      this.#accounts.ofStudio('studio_revenue'),
      this.#accounts.ofPerson(charge.modelId, 'model'),
    ]);
    return {
      debit,
      credit,
      amountMinor: charge.amountMinor,
      share: {
        account: earnings,
        amountMinor: shareOf(charge.amountMinor, charge.sharePercent, charge.chargedBeforeMinor),
        percent: charge.sharePercent,
      },
      callId: charge.callId,
      unit: charge.unit,
    };
  }

  /** Also of what an earlier try had posted: its answer may have been lost, and with it the event. */
  async #publishCharged(charge: Charge, posting: Posting): Promise<void> {
    if (posting.status === 'refused') return;
    const earningsMinor = await this.#earningsAfter(charge, posting);
    this.#onBalance(charge.clientId, toMinor(posting.debitBalanceMinor));
    if (earningsMinor !== null) this.#onBalance(charge.modelId, earningsMinor);
  }

  /** The model's balance once the charge is posted; null when it was refused, or left her balance as it was. */
  async #earningsAfter({ modelId }: Charge, posting: Posting): Promise<Minor | null> {
    if (posting.status === 'refused') return null;
    if (posting.status !== 'posted') return this.balanceOf(modelId, 'model');
    return posting.shareBalanceMinor === null ? null : toMinor(posting.shareBalanceMinor);
  }
}

function assertSameAmount(posting: Posting, amountMinor: number, what: string): void {
  if (posting.amountMinor === null || posting.amountMinor === amountMinor) return;
  throw new Error(`${what} was posted with ${posting.amountMinor}, not with ${amountMinor}`);
}
