import {
  type HistoryLine,
  type Minor,
  type PageQuery,
  type PersonId,
  type Role,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Store } from '../store/index.ts';
import { shareOf } from './share.ts';
import { type CallTransfer, type Posting, postTransfers, type Transfer, transfersOfCall } from './statements.ts';

/** A charge that has fallen due (charging rules 2 to 4). */
export interface Charge {
  readonly callId: number;
  /** From 1. */
  readonly unit: number;
  readonly amountMinor: Minor;
  readonly clientId: PersonId;
  readonly modelId: PersonId;
  readonly sharePercent: number;
}

export interface ChargeAnswer {
  /** `posted` also when an earlier try of the same key had been posted. */
  readonly status: 'posted' | 'refused';
  readonly transferId: number | null;
  readonly balanceMinor: Minor;
}

export interface LedgerTotals {
  readonly revenueMinor: Minor;
  readonly creditMinor: Minor;
  readonly earningsMinor: Minor;
  /** The sum over all accounts is zero, and each balance is what its transfers make it. */
  readonly isBalanced: boolean;
}

type AccountKind = 'client_wallet' | 'model_earnings' | 'studio_revenue' | 'adjustments';

/** Called after a person's balance has changed. */
export type BalanceListener = (personId: PersonId, balanceMinor: Minor) => void;

const HISTORY_LENGTH = 50;

export class Ledger {
  readonly #store: Store;
  readonly #accountIds = new Map<string, number>();
  #onBalance: BalanceListener = () => {};

  constructor(store: Store) {
    this.#store = store;
  }

  onBalance(listener: BalanceListener): void {
    this.#onBalance = listener;
  }

  /**
   * Posts what fell due in one tick. A client has at most one charge in it.
   * @throws StoreUnavailable when it is unknown what was posted: post the same charges again
   */
  async postCharges(charges: readonly Charge[]): Promise<ChargeAnswer[]> {
    const studio = await this.#account('studio_revenue', null);
    const transfers = await Promise.all(
      charges.map(
        async (charge): Promise<Transfer> => ({
          ...(await this.#chargeOf(charge, studio)),
          key: `charge:${charge.callId}:${charge.unit}`,
          kind: 'charge',
        }),
      ),
    );
    const postings = await postTransfers(this.#store.money, transfers);
    return postings.map((posting, index) => {
      const charge = charges[index] as Charge;
      assertSameAmount(posting, charge.amountMinor, `call ${charge.callId}, unit ${charge.unit}`);
      const balanceMinor = toMinor(posting.debitBalanceMinor);
      this.#tellPosted(charge, posting);
      const status = posting.status === 'refused' ? 'refused' : 'posted';
      return { status, transferId: posting.transferId, balanceMinor };
    });
  }

  /**
   * The rest of the minimum, as far as the balance covers it (charging rule 5), once per call.
   * @returns what was taken by this or an earlier try; 0 when there was nothing to take
   */
  async postMinimum(charge: Charge): Promise<{ amountMinor: Minor; transferId: number | null }> {
    const studio = await this.#account('studio_revenue', null);
    const wallet = await this.#account('client_wallet', charge.clientId);
    for (;;) {
      const known = (await this.transfersOfCall(charge.callId)).find((transfer) => transfer.kind === 'minimum');
      if (known) return { amountMinor: toMinor(known.amountMinor), transferId: known.transferId };
      const { balance } = await this.#store.money.one<{ balance: number }>(
        'select balance_minor as balance from ledger_account where id = $1',
        [wallet],
      );
      const amountMinor = toMinor(Math.min(balance, charge.amountMinor));
      if (amountMinor === 0) return { amountMinor, transferId: null };
      const transfer = await this.#chargeOf({ ...charge, unit: 0, amountMinor }, studio);
      const [posting] = await postTransfers(this.#store.money, [
        { ...transfer, key: `minimum:${charge.callId}`, kind: 'minimum' },
      ]);
      if (posting?.status !== 'posted') continue; // the balance fell meanwhile, or it was posted before
      this.#tellPosted(charge, posting);
      return { amountMinor, transferId: posting.transferId };
    }
  }

  /**
   * Gives a client credit.
   * @param key the same key gives credit once, however often it is sent
   * @throws UserError `no_wallet`, or `key_reused` when the key stands for another amount
   */
  async topUp(request: {
    key: string;
    clientId: PersonId;
    amountMinor: Minor;
    reason: string;
    actorId: PersonId | null;
  }): Promise<{ balanceMinor: Minor; isNew: boolean }> {
    const credit = await this.#account('client_wallet', request.clientId);
    const [posting] = await postTransfers(this.#store.money, [
      {
        key: `top_up:${request.clientId}:${request.key}`,
        kind: 'top_up',
        debit: await this.#account('adjustments', null),
        credit,
        amountMinor: request.amountMinor,
        reason: request.reason,
        ...(request.actorId !== null && { actorId: request.actorId }),
      },
    ]);
    if (posting?.amountMinor !== request.amountMinor) {
      throw new UserError('key_reused', 'This key was used before for another amount.');
    }
    const balanceMinor = await this.balanceOf(request.clientId, 'client');
    this.#onBalance(request.clientId, balanceMinor);
    return { balanceMinor, isNew: posting.status === 'posted' };
  }

  /** A client's credit or a model's earnings. */
  async balanceOf(personId: PersonId, role: Exclude<Role, 'operator'>): Promise<Minor> {
    const [row] = await this.#store.money.query<{ balance: number }>(
      'select balance_minor as balance from ledger_account where person_id = $1 and kind = $2',
      [personId, accountKindOf(role)],
    );
    return toMinor(row?.balance ?? 0);
  }

  /** Every person's balance, by person. */
  async balances(): Promise<Map<PersonId, Minor>> {
    const rows = await this.#store.main.query<{ person_id: number; balance: number }>(
      'select person_id, balance_minor as balance from ledger_account where person_id is not null',
    );
    return new Map(rows.map((row) => [row.person_id, toMinor(row.balance)]));
  }

  transfersOfCall(callId: number): Promise<CallTransfer[]> {
    return transfersOfCall(this.#store.main, callId);
  }

  /** What models earned in each of these calls. */
  async earningsOfCalls(callIds: readonly number[]): Promise<Map<number, Minor>> {
    const rows = await this.#store.main.query<{ callId: number; earned: number }>(
      `select call_id as "callId", sum(share_minor)::bigint as earned
         from ledger_transfer where call_id = any($1::bigint[]) group by call_id`,
      [callIds],
    );
    return new Map(rows.map((row) => [row.callId, toMinor(row.earned)]));
  }

  /** A person's money, newest first. */
  async history(personId: PersonId, page: PageQuery): Promise<HistoryLine[]> {
    const rows = await this.#store.main.query<{ at: Date } & Omit<HistoryLine, 'at'>>(
      `select transfer.id as "transferId", transfer.at, transfer.kind, transfer.call_id as "callId", transfer.unit,
              transfer.reason,
              case account.id when debit_account then -amount_minor
                              when share_account then share_minor
                              else amount_minor - share_minor end as "amountMinor", 0::bigint as "balanceMinor"
         from ledger_account account
         join ledger_transfer transfer on account.id in (debit_account, credit_account, share_account)
        where account.person_id = $1 and transfer.id < $2
        order by transfer.id desc limit $3`,
      [personId, page.before ?? Number.MAX_SAFE_INTEGER, page.limit ?? HISTORY_LENGTH],
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }

  /** The house's money, and whether it adds up. */
  async totals(): Promise<LedgerTotals> {
    const row = await this.#store.main.one<{
      revenue: number;
      credit: number;
      earnings: number;
      sum: number;
      wrong: number;
    }>(
      `with moved as (
         select account, sum(amount)::bigint as amount from (
           select debit_account as account, -amount_minor as amount from ledger_transfer
           union all select credit_account, amount_minor - share_minor from ledger_transfer
           union all select share_account, share_minor from ledger_transfer where share_account is not null) part
          group by account)
       select coalesce(sum(balance_minor) filter (where kind = 'studio_revenue'), 0)::bigint as revenue,
              coalesce(sum(balance_minor) filter (where kind = 'client_wallet'), 0)::bigint as credit,
              coalesce(sum(balance_minor) filter (where kind = 'model_earnings'), 0)::bigint as earnings,
              coalesce(sum(balance_minor), 0)::bigint as sum,
              count(*) filter (where balance_minor <> coalesce(moved.amount, 0)) as wrong
         from ledger_account left join moved on moved.account = ledger_account.id`,
    );
    return {
      revenueMinor: toMinor(row.revenue),
      creditMinor: toMinor(row.credit),
      earningsMinor: toMinor(row.earnings),
      isBalanced: row.sum === 0 && row.wrong === 0,
    };
  }

  async #chargeOf(charge: Charge, studio: number): Promise<Omit<Transfer, 'key' | 'kind'>> {
    const [debit, earnings] = await Promise.all([
      this.#account('client_wallet', charge.clientId),
      this.#account('model_earnings', charge.modelId),
    ]);
    return {
      debit,
      credit: studio,
      amountMinor: charge.amountMinor,
      share: { account: earnings, amountMinor: shareOf(charge.amountMinor, charge.sharePercent) },
      callId: charge.callId,
      unit: charge.unit,
    };
  }

  #tellPosted(charge: Charge, posting: Posting): void {
    if (posting.status !== 'posted') return;
    this.#onBalance(charge.clientId, toMinor(posting.debitBalanceMinor));
    if (posting.shareBalanceMinor !== null) this.#onBalance(charge.modelId, toMinor(posting.shareBalanceMinor));
  }

  /** The id of an account, which is made when it is first needed. */
  async #account(kind: AccountKind, personId: PersonId | null): Promise<number> {
    const name = `${kind}:${personId}`;
    const cached = this.#accountIds.get(name);
    if (cached !== undefined) return cached;
    const floor = kind === 'adjustments' ? null : 0;
    await this.#store.main.query(
      'insert into ledger_account (kind, person_id, floor_minor) values ($1, $2, $3) on conflict do nothing',
      [kind, personId, floor],
    );
    const { id } = await this.#store.main.one<{ id: number }>(
      'select id from ledger_account where kind = $1 and person_id is not distinct from $2',
      [kind, personId],
    );
    this.#accountIds.set(name, id);
    return id;
  }
}

function accountKindOf(role: Exclude<Role, 'operator'>): AccountKind {
  return role === 'client' ? 'client_wallet' : 'model_earnings';
}

function assertSameAmount(posting: Posting, amountMinor: number, what: string): void {
  if (posting.amountMinor === null || posting.amountMinor === amountMinor) return;
  throw new Error(`${what} was posted with ${posting.amountMinor}, not with ${amountMinor}`);
}
