// Money on a real database: people, calls that are charged, and a clock that a test moves.
import fs from 'node:fs';
import type { Test } from 'tap';
import { Accounts } from '../../server/accounts/index.ts';
import { type PersonId, toMinor } from '../../server/contract/index.ts';
import { type Charge, Ledger } from '../../server/ledger/index.ts';
import type { Database, Store } from '../../server/store/index.ts';
import { openTestStore, temporaryFolder } from './store.ts';

export interface People {
  readonly clientId: PersonId;
  readonly modelId: PersonId;
}

export const SHARE_PERCENT = 60;

export class MoneyFixture {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly ledger: Ledger;
  readonly operator: { readonly role: 'operator'; readonly personId: PersonId };
  #people = 0;
  #keys = 0;
  #calls = 0;

  private constructor(store: Store, operatorId: PersonId) {
    this.store = store;
    this.accounts = new Accounts(store.main);
    this.ledger = new Ledger(store);
    this.operator = { role: 'operator', personId: operatorId };
  }

  /** Opens an empty database with an operator, named Boss; it is gone at the end of the file. */
  static async open(t: Test, name: string): Promise<MoneyFixture> {
    const data = temporaryFolder(name);
    const store = await openTestStore(data);
    t.teardown(async () => {
      await store.close();
      fs.rmSync(data, { recursive: true, force: true });
    });
    const { personId } = await new Accounts(store.main).makePerson('operator', 'boss', 'Boss');
    return new MoneyFixture(store, personId);
  }

  newKey(): string {
    return `key-number-${++this.#keys}`;
  }

  newCall(): number {
    return ++this.#calls;
  }

  /** A client with so much credit, and a model. */
  async pair(creditMinor = 0): Promise<People> {
    const n = ++this.#people;
    const client = await this.accounts.makePerson('client', `client-${n}`, `Client ${n}`);
    const model = await this.accounts.makePerson('model', `model-${n}`, `Model ${n}`);
    if (creditMinor > 0) await this.give(client.personId, creditMinor);
    return { clientId: client.personId, modelId: model.personId };
  }

  give(clientId: PersonId, amountMinor: number) {
    const credit = { clientId, amountMinor: toMinor(amountMinor), reason: 'test', actorId: null };
    return this.ledger.topUp({ ...credit, key: this.newKey() });
  }

  charge(people: People, callId: number, unit: number, amountMinor: number, beforeMinor = 0): Charge {
    const money = { amountMinor: toMinor(amountMinor), chargedBeforeMinor: toMinor(beforeMinor) };
    return { ...people, ...money, callId, unit, sharePercent: SHARE_PERCENT };
  }

  /** Charges a new call for units of these amounts. @returns the call, and the transfers in their order */
  async call(
    people: People,
    amountsMinor: readonly number[],
    sharePercent = SHARE_PERCENT,
  ): Promise<{ callId: number; transferIds: number[] }> {
    const callId = this.newCall();
    const transferIds: number[] = [];
    let beforeMinor = 0;
    for (const [index, amountMinor] of amountsMinor.entries()) {
      const charge = { ...this.charge(people, callId, index + 1, amountMinor, beforeMinor), sharePercent };
      const [answer] = await this.ledger.postCharges([charge]);
      if (answer?.status !== 'posted') throw new Error('the client had too little');
      transferIds.push(answer.transferId as number);
      beforeMinor += amountMinor;
    }
    return { callId, transferIds };
  }

  /** @returns the transfer */
  async tip(people: People, callId: number, amountMinor: number): Promise<number> {
    const money = { amountMinor: toMinor(amountMinor), keepMinor: toMinor(0), sharePercent: SHARE_PERCENT };
    await this.ledger.tip({ ...people, ...money, callId, key: this.newKey() });
    return (await this.ledger.tipsOfCalls([callId])).at(-1)?.transferId as number;
  }

  /** Sets earnings aside, as a payout does. */
  hold(modelId: PersonId, amountMinor: number): Promise<boolean> {
    return this.ledger.holdPayout({ payoutId: ++this.#keys, modelId, amountMinor: toMinor(amountMinor) });
  }

  async balances({ clientId, modelId }: People) {
    return {
      credit: await this.ledger.balanceOf(clientId, 'client'),
      earnings: await this.ledger.balanceOf(modelId, 'model'),
      revenue: (await this.ledger.totals()).revenueMinor,
    };
  }

  /** Leaves the studio with so much: the rest goes back to a client whose model was paid out. */
  async leaveRevenue(leftMinor: number): Promise<void> {
    const spentMinor = (await this.ledger.totals()).revenueMinor - leftMinor;
    const people = await this.pair(spentMinor);
    const { callId } = await this.call(people, [spentMinor], 100);
    await this.hold(people.modelId, spentMinor);
    await this.ledger.refund({ callId, units: 'all', reason: 'x', by: this.operator });
  }

  /** The same ledger at another time. */
  ledgerAt(at: string): Ledger {
    const { store } = this;
    return new Ledger({ ...store, main: atTime(store.main, at), money: atTime(store.money, at) });
  }

  /** Dates transfers anew. The chain breaks by that. */
  async date(transferIds: readonly number[], at: string): Promise<void> {
    await this.store.main.script(
      `set session_replication_role = replica;
       update ledger_transfer set at = '${at}' where id in (${transferIds.join(', ')});
       set session_replication_role = default`,
    );
  }
}

/**
 * The same database at another time: what a statement calls `now()` is `at`. What the tables fill in by themselves has
 * the time of the machine.
 * @param at ISO 8601
 */
export function atTime(database: Database, at: string): Database {
  const moved: Database = Object.create(database);
  moved.query = (text, values, options) =>
    database.query(text.replaceAll('now()', `timestamptz '${at}'`), values, options);
  return moved;
}
