import {
  type Payout,
  type PayoutQuery,
  type PayoutState,
  type PersonId,
  type RequestPayout,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Database } from '../store/index.ts';
import { each } from './each.ts';

const PAYOUTS = 50;
const PAYOUTS_IN_FILE_MAX = 10_000;

/** Steps after the request, and the states from which each is possible. Approval has a statement of its own. */
const STEPS = {
  reject: { to: 'rejected', from: ['requested', 'approved'], needsNote: true },
  paid: { to: 'paid', from: ['approved'], needsNote: false },
  failed: { to: 'failed', from: ['approved'], needsNote: true },
  withdraw: { to: 'withdrawn', from: ['requested'], needsNote: false },
} as const satisfies Record<string, { to: PayoutState; from: readonly PayoutState[]; needsNote: boolean }>;

export type PayoutStepName = keyof typeof STEPS;

interface PayoutRow extends Record<string, unknown> {
  readonly payoutId: number;
  readonly modelId: PersonId;
  readonly amountMinor: number;
  readonly state: PayoutState | 'opening' | 'refused';
}

const ROW = 'id as "payoutId", model_id as "modelId", amount_minor as "amountMinor", state';

/**
 * Payouts: the money is set aside when one is asked for, is paid out when it is marked paid, and
 * goes back to the model in every other end. The row's state decides, the ledger follows under a key.
 */
export class Payouts {
  readonly #database: Database;
  readonly #ledger: Ledger;
  readonly #limits: Settings['payments'];
  #onChange: (modelId: PersonId) => void = () => {};

  constructor(database: Database, ledger: Ledger, limits: Settings['payments']) {
    this.#database = database;
    this.#ledger = ledger;
    this.#limits = limits;
  }

  /** Called after a payout has come to another step. */
  onChange(listener: (modelId: PersonId) => void): void {
    this.#onChange = listener;
  }

  /**
   * Asks for a payout; the same key asks once.
   * @throws UserError `malformed` under the least amount, `balance_too_low`, `key_reused`
   */
  async request(modelId: PersonId, wish: RequestPayout): Promise<Payout> {
    const { key, amountMinor, destination } = wish;
    const { payoutMinMinor, payoutSecondApprovalMinor } = this.#limits;
    if (amountMinor < payoutMinMinor) {
      throw new UserError('malformed', `amountMinor must be at least ${payoutMinMinor}.`);
    }
    const needed = payoutSecondApprovalMinor > 0 && amountMinor > payoutSecondApprovalMinor ? 2 : 1;
    await this.#database.query(
      `insert into payout (model_id, key, amount_minor, destination, state, approvals_needed)
       values ($1, $2, $3, $4, 'opening', $5) on conflict (model_id, key) do nothing`,
      [modelId, key, amountMinor, destination.trim(), needed],
    );
    const row = await this.#database.one<PayoutRow & { destination: string }>(
      `select ${ROW}, destination from payout where model_id = $1 and key = $2`,
      [modelId, key],
    );
    if (row.amountMinor !== amountMinor || row.destination !== destination.trim()) throw new UserError('key_reused');
    if (row.state === 'opening') await this.#book(row);
    const payout = await this.#find(row.payoutId);
    if (!payout) throw new UserError('balance_too_low');
    return payout;
  }

  /**
   * One operator's approval; above the set amount a second operator's is needed too.
   * Who approves was there before the payout: nobody makes themselves a second operator for it.
   * @throws UserError `payout_not_found`, `already_approved`, `too_new_to_approve`, `payout_state`
   */
  async approve(operatorId: PersonId, payoutId: number, note: string | null): Promise<Payout> {
    // The row is read again under its lock, so that two who approve at once are counted as two.
    const approved = await this.#database.query(
      `with moved as (
         update payout
            set approved_by = approved_by || $2::bigint,
                state = case when cardinality(approved_by) + 1 >= approvals_needed then 'approved' else state end
          where id = $1 and state = 'requested' and not $2 = any(approved_by)
            and exists (select 1 from person where person.id = $2 and created_at < requested_at)
         returning id, state
       )
       insert into payout_step (payout_id, step, by_id, note)
       select id, case state when 'approved' then 'approved' else 'first_approval' end, $2, $3 from moved
       returning id`,
      [payoutId, operatorId, note],
    );
    const payout = await this.read(payoutId);
    const isOwn = payout.approvedBy.some((person) => person.personId === operatorId);
    if (approved.length === 0 && payout.state === 'requested')
      throw new UserError(isOwn ? 'already_approved' : 'too_new_to_approve');
    if (approved.length === 0 && !isOwn) throw new UserError('payout_state');
    this.#onChange(payout.model.personId);
    return payout;
  }

  /**
   * Takes a payout one step on.
   * @param by.ownOnly true: a model, who reaches her own payouts only
   * @throws UserError `payout_not_found`, `payout_state`, `malformed` without a needed note
   */
  async step(
    name: PayoutStepName,
    by: { personId: PersonId; ownOnly: boolean },
    payoutId: number,
    note: string | null,
  ): Promise<Payout> {
    const { to, from, needsNote } = STEPS[name];
    if (needsNote && note === null) throw new UserError('malformed', 'note: say why.');
    const [moved] = await this.#database.query<PayoutRow>(
      `with moved as (
         update payout set state = $2
          where id = $1 and state = any($3::text[]) and ($6::boolean = false or model_id = $4)
         returning ${ROW}
       ), step as (
         insert into payout_step (payout_id, step, by_id, note) select "payoutId", $2, $4, $5 from moved
       )
       select * from moved`,
      [payoutId, to, from, by.personId, note, by.ownOnly],
    );
    const payout = await this.read(payoutId);
    if (by.ownOnly && payout.model.personId !== by.personId) throw new UserError('payout_not_found');
    if (moved) await this.#book(moved);
    else if (payout.state !== to) throw new UserError('payout_state');
    else await this.#bookLeft(payoutId); // a repeated step is harmless, and done when it is answered
    this.#onChange(payout.model.personId);
    return payout;
  }

  /** @throws UserError `payout_not_found` */
  async read(payoutId: number): Promise<Payout> {
    const payout = await this.#find(payoutId);
    if (!payout) throw new UserError('payout_not_found');
    return payout;
  }

  /** Newest first. @param modelId null for all */
  list(modelId: PersonId | null, query: PayoutQuery, form: 'page' | 'file' = 'page'): Promise<Payout[]> {
    return this.#payouts(
      `($1::bigint is null or model_id = $1) and ($2::text is null or state = $2) and payout.id < $3
       order by payout.id desc limit $4`,
      [
        modelId,
        query.state ?? null,
        query.before ?? Number.MAX_SAFE_INTEGER,
        form === 'file' ? PAYOUTS_IN_FILE_MAX : (query.limit ?? PAYOUTS),
      ],
    );
  }

  /** What a model has asked for and not got yet. */
  async inPayout(modelId: PersonId): Promise<number> {
    const { sum } = await this.#database.one<{ sum: number }>(
      `select coalesce(sum(amount_minor), 0)::bigint as sum from payout
        where model_id = $1 and state in ('requested', 'approved')`,
      [modelId],
    );
    return sum;
  }

  async #bookLeft(payoutId: number): Promise<void> {
    const [left] = await this.#database.query<PayoutRow>(
      `select ${ROW} from payout where id = $1 and not is_booked and state in ('paid', 'rejected', 'failed', 'withdrawn')`,
      [payoutId],
    );
    if (left) await this.#book(left);
  }

  /** Books what a stop of the appliance left between row and ledger. */
  async sweep(): Promise<void> {
    const left = await this.#database.query<PayoutRow>(
      `select ${ROW} from payout
        where state in ('opening', 'paid', 'rejected', 'failed', 'withdrawn') and not is_booked order by id limit 1000`,
    );
    await each(left, (row) => this.#book(row));
  }

  /** Posts the transfer that the row's state calls for; again is harmless. */
  async #book({ payoutId, modelId, amountMinor, state }: PayoutRow): Promise<void> {
    const money = { payoutId, modelId, amountMinor: toMinor(amountMinor) };
    if (state === 'opening') {
      const isHeld = await this.#ledger.holdPayout(money);
      const { isRefused } = await this.#database.one<{ isRefused: boolean }>(
        `with moved as (
           update payout set state = $2 where id = $1 and state = 'opening' returning id, model_id, state
         ), step as (
           insert into payout_step (payout_id, step, by_id)
           select id, state, model_id from moved where state = 'requested'
         )
         select coalesce((select state from moved), (select state from payout where id = $1)) = 'refused' as "isRefused"`,
        [payoutId, isHeld ? 'requested' : 'refused'],
      );
      // Another try of the same key was refused before this one could be paid for: the row's word stands.
      if (isHeld && isRefused) await this.#ledger.finishPayout(money, 'returned');
      this.#onChange(modelId);
      return;
    }
    await this.#ledger.finishPayout(money, state === 'paid' ? 'paid' : 'returned');
    await this.#database.query('update payout set is_booked = true where id = $1', [payoutId]);
  }

  async #find(payoutId: number): Promise<Payout | undefined> {
    const [payout] = await this.#payouts('payout.id = $1', [payoutId]);
    return payout;
  }

  async #payouts(where: string, values: unknown[]): Promise<Payout[]> {
    const rows = await this.#database.query<
      Pick<Payout, 'payoutId' | 'destination' | 'state' | 'approvalsNeeded' | 'approvedBy' | 'amountMinor'> & {
        modelId: number;
        modelName: string;
        requestedAt: Date;
        steps: Payout['steps'];
      }
    >(
      `select payout.id as "payoutId", model_id as "modelId", model.display_name as "modelName",
              amount_minor as "amountMinor", destination, state, requested_at as "requestedAt",
              approvals_needed as "approvalsNeeded",
              (select coalesce(json_agg(json_build_object('personId', person.id, 'displayName', display_name)
                                        order by array_position(approved_by, person.id)), '[]')
                 from person where person.id = any(approved_by)) as "approvedBy",
              (select coalesce(json_agg(json_build_object('step', step, 'at', step.at, 'byName', display_name,
                                                          'note', note) order by step.id), '[]')
                 from payout_step step join person on person.id = by_id where payout_id = payout.id) as steps
         from payout join person model on model.id = model_id
        where state not in ('opening', 'refused') and ${where}`,
      values,
    );
    return rows.map(({ modelId, modelName, requestedAt, steps, ...row }) => ({
      ...row,
      model: { personId: modelId, displayName: modelName },
      requestedAt: requestedAt.toISOString(),
      steps: steps.map((step) => ({ ...step, at: new Date(step.at).toISOString() })),
    }));
  }
}
