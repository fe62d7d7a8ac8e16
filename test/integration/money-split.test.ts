import fs from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { priceMinor, type Tariff } from '../../core-wasm/index.ts';
import { Accounts, SignIn } from '../../server/accounts/index.ts';
import { toMinor } from '../../server/contract/index.ts';
import { Ledger, shareOf } from '../../server/ledger/index.ts';
import { openTestStore, temporaryFolder } from '../support/store.ts';

// Charging rule 7: whatever the rate, the share and the tariff, the model has floor(charged * share / 100) after each
// charge, gives back floor(refunded * share / 100), and all refunded is all given back.

const terms = {
  rateMinor: fc.integer({ min: 1, max: 1_000 }),
  percent: fc.integer({ min: 0, max: 100 }),
  tariff: fc.constantFrom<Tariff>('per_minute', 'per_second'),
};
/** What the units cost; those that cost nothing have no charge. */
const unitsOf = (tariff: Tariff, rateMinor: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    unit: index + 1,
    amount: Number(priceMinor(tariff, rateMinor, index + 1) - priceMinor(tariff, rateMinor, index)),
  })).filter(({ amount }) => amount > 0);

t.test('after each charge the shares come to the share of the sum', async () => {
  fc.assert(
    fc.property(fc.record({ ...terms, count: fc.integer({ min: 1, max: 300 }) }), (one) => {
      let [charged, shares] = [0, 0];
      for (const { amount } of unitsOf(one.tariff, one.rateMinor, one.count)) {
        const share = shareOf(toMinor(amount), one.percent, toMinor(charged));
        charged += amount;
        shares += share;
        if (share < 0 || share > amount || shares !== Math.floor((charged * one.percent) / 100)) return false;
      }
      return true;
    }),
    { numRuns: 1_000 },
  );
});

t.test('and the ledger holds that for charges, the minimum, releases and refunds in any order', async (t) => {
  const data = temporaryFolder('split');
  const store = await openTestStore(data);
  t.teardown(async () => {
    await store.close();
    fs.rmSync(data, { recursive: true, force: true });
  });
  const accounts = new Accounts(store.main);
  const ledger = new Ledger(store);
  const { token } = await new SignIn(store.main).newSetUpLink();
  const boss = await new SignIn(store.main).setUp(token, 'boss', 'Boss', 'a long password');
  const client = await accounts.makePerson('client', 'alex', 'Alex');
  const model = await accounts.makePerson('model', 'mia', 'Mia');
  const people = { clientId: client.personId, modelId: model.personId };
  const credit = toMinor(100_000);
  await ledger.topUp({ key: 'credit-1', clientId: client.personId, amountMinor: credit, reason: 'x', actorId: null });
  const books = async () => ({
    credit: await ledger.balanceOf(client.personId, 'client'),
    earnings: await ledger.balanceOf(model.personId, 'model'),
    revenue: (await ledger.totals()).revenueMinor,
  });
  let callId = 0;
  const life = fc.record({
    ...terms,
    count: fc.integer({ min: 1, max: 8 }),
    minimum: fc.option(fc.integer({ min: 1, max: 2_000 })),
    isReleased: fc.boolean(),
    /** In which order the units are refunded, and how many at a time. */
    order: fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
    atOnce: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(life, async ({ rateMinor, percent, tariff, count, minimum, isReleased, order, atOnce }) => {
      callId++;
      let charged = 0;
      const units: number[] = [];
      const isShare = async (standing: number) => {
        const { credit: left, earnings, revenue } = await books();
        t.same(
          { left, earnings, revenue },
          {
            left: credit - standing,
            earnings: Math.floor((charged * percent) / 100) - Math.floor(((charged - standing) * percent) / 100),
            revenue: standing - earnings,
          },
        );
      };
      const post = async (unit: number, amount: number) => {
        const money = { amountMinor: toMinor(amount), chargedBeforeMinor: toMinor(charged) };
        const charge = { ...people, ...money, callId, unit, sharePercent: percent };
        if (unit === 0) await ledger.postMinimum(charge);
        else await ledger.postCharges([charge]);
        return amount;
      };
      const all = unitsOf(tariff, rateMinor, count);
      for (const { unit, amount } of all) {
        const isAhead = isReleased && unit === all.at(-1)?.unit;
        await post(unit, amount);
        if (isAhead) await ledger.release({ callId, unit });
        else {
          charged += amount;
          units.push(unit);
        }
        await isShare(charged);
      }
      if (minimum !== null) {
        charged += await post(0, minimum);
        units.push(0);
        await isShare(charged);
      }
      const amounts = new Map((await ledger.transfersOfCall(callId)).map((one) => [one.unit, one.amountMinor]));
      const shuffled = units
        .map((unit, index) => ({ unit, at: order[index] as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ unit }) => unit);
      const by = { role: 'operator', personId: boss.personId } as const;
      let refunded = 0;
      for (let first = 0; first < shuffled.length; first += atOnce) {
        const part = shuffled.slice(first, first + atOnce);
        await ledger.refund({ callId, units: part, reason: 'x', by });
        refunded += part.reduce((sum, unit) => sum + (amounts.get(unit) as number), 0);
        await isShare(charged - refunded);
      }
      t.same(await books(), { credit, earnings: 0, revenue: 0 }, 'all refunded is all given back');
    }),
    { numRuns: 250 },
  );
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});
