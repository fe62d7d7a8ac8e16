import {
  type CreditReceived,
  type MakeVouchers,
  type Minor,
  type PersonId,
  toMinor,
  UserError,
  type Voucher,
  type VoucherBatch,
  type VoucherBatchDetail,
  type VoucherBatchQuery,
  type VoucherQuery,
  type VouchersMade,
} from '../contract/index.ts';
import type { Ledger } from '../ledger/index.ts';
import { AttemptLimit } from '../rates/index.ts';
import type { Database } from '../store/index.ts';
import { each } from './each.ts';
import { FreshCodes } from './fresh-codes.ts';
import { digestOfCode, readCode } from './voucher-code.ts';

/** Wrong codes in ten minutes, of one person and of one address (behind which a whole LAN may be). */
const TRIES_OF_PERSON_MAX = 10;
const TRIES_OF_ADDRESS_MAX = 30;
const TRIES_WINDOW_MS = 600_000;
const ENDING_LENGTH = 5;
const BATCHES = 50;
const VOUCHERS = 50;

interface Claimed extends Record<string, unknown> {
  readonly voucherId: number;
  readonly amountMinor: Minor;
  readonly ending: string;
  readonly clientId: PersonId;
}

/** Prepaid codes: made in batches, sold outside, good once. */
export class Vouchers {
  readonly #database: Database;
  readonly #ledger: Ledger;
  readonly #fresh = new FreshCodes();
  #onChange: () => void = () => {};
  readonly #triesOfPerson = new AttemptLimit(TRIES_OF_PERSON_MAX, TRIES_WINDOW_MS);
  readonly #triesOfAddress = new AttemptLimit(TRIES_OF_ADDRESS_MAX, TRIES_WINDOW_MS);

  constructor(database: Database, ledger: Ledger) {
    this.#database = database;
    this.#ledger = ledger;
  }

  /** Called after vouchers were made, used or ended. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /**
   * The codes are in this answer and nowhere else.
   * @throws UserError `key_reused`, `vouchers_made_already` when their codes are known no more
   */
  async make(operatorId: PersonId, order: MakeVouchers): Promise<VouchersMade> {
    const codes = this.#fresh.of(operatorId, order, performance.now());
    if (!codes) throw new UserError('key_reused');
    const [made] = await this.#database.query<{ id: number }>(
      `with batch as (
         insert into voucher_batch (label, amount_minor, made_by, expires_at, key)
         values ($1, $2, $3, now() + make_interval(days => $4), $7)
         on conflict (made_by, key) do nothing returning id
       ), made as (
         insert into voucher (batch_id, digest, ending)
         select batch.id, decode(code.digest, 'hex'), code.ending
           from batch cross join unnest($5::text[], $6::text[]) code(digest, ending)
       )
       select id from batch`,
      [
        order.label.trim(),
        order.amountMinor,
        operatorId,
        order.validDays ?? null,
        codes.map((code) => digestOfCode(code).toString('hex')),
        codes.map((code) => code.slice(-ENDING_LENGTH)),
        order.key,
      ],
    );
    const id = made?.id ?? (await this.#batchOf(codes));
    // A batch of this key that has other codes: those that it was made with are forgotten.
    if (id === null) throw new UserError('vouchers_made_already');
    this.#onChange();
    return { batch: await this.#batch(id), codes };
  }

  /** The batch that was made with these codes; null when none was. */
  async #batchOf([first]: readonly string[]): Promise<number | null> {
    const [row] = await this.#database.query<{ batchId: number }>(
      `select batch_id as "batchId" from voucher where digest = decode($1, 'hex')`,
      [first ? digestOfCode(first).toString('hex') : ''],
    );
    return row?.batchId ?? null;
  }

  /** Newest first. */
  batches(query: VoucherBatchQuery = {}): Promise<VoucherBatch[]> {
    return this.#batches(null, query);
  }

  /** A batch with a page of its vouchers, the last made first. @throws UserError `batch_not_found` */
  async batch(batchId: number, query: VoucherQuery = {}): Promise<VoucherBatchDetail> {
    const batch = await this.#batch(batchId);
    const rows = await this.#database.query<
      Pick<Voucher, 'voucherId' | 'ending' | 'state'> & { by: number | null; name: string; redeemedAt: Date | null }
    >(
      `select * from (
         select voucher.id as "voucherId", ending, redeemed_by as by, client.display_name as name,
                redeemed_at as "redeemedAt",
                case when redeemed_by is not null then 'redeemed' when voided_at is not null then 'voided'
                     when expires_at <= now() then 'expired' else 'open' end as state
           from voucher join voucher_batch batch on batch.id = batch_id
           left join person client on client.id = redeemed_by
          where batch_id = $1 and voucher.id < $3) one
        where $2::text is null or state = $2
        order by "voucherId" desc limit $4`,
      [batchId, query.state ?? null, query.before ?? Number.MAX_SAFE_INTEGER, query.limit ?? VOUCHERS],
    );
    const vouchers = rows.map(({ by, name, redeemedAt, ...row }) => ({
      ...row,
      redeemedBy: by === null ? null : { personId: by, displayName: name },
      redeemedAt: redeemedAt?.toISOString() ?? null,
    }));
    return { batch, vouchers };
  }

  /** Ends what is open of a batch, or one voucher of it. What was redeemed stays so. @throws UserError `batch_not_found` */
  async void(what: { batchId: number } | { voucherId: number }): Promise<VoucherBatchDetail> {
    const isBatch = 'batchId' in what;
    await this.#database.query(
      `update voucher set voided_at = now()
        where ${isBatch ? 'batch_id' : 'id'} = $1 and redeemed_by is null and voided_at is null`,
      [isBatch ? what.batchId : what.voucherId],
    );
    this.#onChange();
    if (isBatch) return this.batch(what.batchId);
    const [voucher] = await this.#database.query<{ batchId: number }>(
      'select batch_id as "batchId" from voucher where id = $1',
      [what.voucherId],
    );
    if (!voucher) throw new UserError('batch_not_found', 'There is no such voucher.');
    return this.batch(voucher.batchId);
  }

  /**
   * Turns a code into credit, once.
   * @throws UserError `too_many_requests`, `voucher_mistyped`, `voucher_unknown`, `voucher_used`, `voucher_void`
   */
  async redeem(clientId: PersonId, typed: string, address: string): Promise<CreditReceived> {
    const [person, from] = [`person ${clientId}`, `address ${address}`];
    const nowMs = performance.now();
    const isPersonFree = this.#triesOfPerson.take(person, nowMs);
    if (!isPersonFree || !this.#triesOfAddress.take(from, nowMs)) {
      if (isPersonFree) this.#triesOfPerson.giveBack(person); // nothing was tried
      throw new UserError('too_many_requests', 'Too many codes that were not right. Wait ten minutes and try again.');
    }
    const code = readCode(typed);
    if (code === null) throw new UserError('voucher_mistyped');
    const claimed = await this.#claim(clientId, digestOfCode(code));
    this.#triesOfPerson.giveBack(person);
    this.#triesOfAddress.giveBack(from);
    const { balanceMinor } = await this.#credit(claimed);
    return { amountMinor: claimed.amountMinor, balanceMinor };
  }

  /** Credits what was claimed when the appliance stopped. */
  async sweep(): Promise<void> {
    const left = await this.#database.query<Claimed>(
      `select voucher.id as "voucherId", amount_minor as "amountMinor", ending, redeemed_by as "clientId"
         from voucher join voucher_batch batch on batch.id = batch_id
        where redeemed_by is not null and not is_credited order by voucher.id limit 1000`,
    );
    await each(left, (claimed) => this.#credit(claimed));
  }

  /** The row decides who of many has it; its claimer may come again until the credit is there. */
  async #claim(clientId: PersonId, digest: Buffer): Promise<Claimed> {
    const [claimed] = await this.#database.query<Claimed>(
      `update voucher set redeemed_by = $2, redeemed_at = coalesce(redeemed_at, now())
         from voucher_batch batch
        where batch.id = batch_id and digest = $1
          and (redeemed_by is null and voided_at is null and (expires_at is null or expires_at > now())
               or redeemed_by = $2 and not is_credited)
       returning voucher.id as "voucherId", amount_minor as "amountMinor", ending, redeemed_by as "clientId"`,
      [digest, clientId],
    );
    if (claimed) return claimed;
    const [known] = await this.#database.query<{ by: number | null }>(
      'select redeemed_by as by from voucher where digest = $1',
      [digest],
    );
    if (!known) throw new UserError('voucher_unknown');
    if (known.by === clientId) throw new UserError('voucher_used', 'You have used this voucher: its credit is yours.');
    throw new UserError(known.by === null ? 'voucher_void' : 'voucher_used');
  }

  async #credit({ voucherId, clientId, amountMinor, ending }: Claimed): Promise<{ balanceMinor: Minor }> {
    const credited = await this.#ledger.topUp({
      kind: 'voucher',
      key: String(voucherId),
      clientId,
      amountMinor: toMinor(amountMinor),
      reason: `Voucher …${ending}`,
      actorId: clientId,
    });
    await this.#database.query('update voucher set is_credited = true where id = $1', [voucherId]);
    this.#onChange();
    return credited;
  }

  async #batch(batchId: number): Promise<VoucherBatch> {
    const [batch] = await this.#batches(batchId);
    if (!batch) throw new UserError('batch_not_found');
    return batch;
  }

  async #batches(batchId: number | null, query: VoucherBatchQuery = {}): Promise<VoucherBatch[]> {
    const rows = await this.#database.query<
      Omit<VoucherBatch, 'madeAt' | 'expiresAt'> & { madeAt: Date; expiresAt: Date | null }
    >(
      `select batch.id as "batchId", label, amount_minor as "amountMinor", made_at as "madeAt",
              maker.display_name as "madeBy", expires_at as "expiresAt", count(*) as count,
              count(redeemed_by) as "redeemedCount", count(voided_at) as "voidedCount"
         from voucher_batch batch join person maker on maker.id = made_by join voucher on batch_id = batch.id
        where batch.id in (
                select id from voucher_batch where ($1::bigint is null or id = $1) and id < $2 order by id desc limit $3)
        group by batch.id, maker.id order by batch.id desc`,
      [batchId, query.before ?? Number.MAX_SAFE_INTEGER, query.limit ?? BATCHES],
    );
    return rows.map((row) => ({
      ...row,
      madeAt: row.madeAt.toISOString(),
      expiresAt: row.expiresAt?.toISOString() ?? null,
    }));
  }
}
