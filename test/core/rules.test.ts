// The charging rules, by number, on the core as it is built.
import t from 'tap';
import { kinds, OneCall, only } from './support.ts';

t.test('rule 2: a call of exactly 4:00.000 is four minutes, of 4:00.001 five', async (t) => {
  const four = OneCall.live();
  four.run(240_000);
  t.equal(four.figures(240_000).unitsCharged, 4);
  const five = OneCall.live();
  five.run(240_001);
  t.equal(five.figures(240_001).unitsCharged, 5);
});

t.test('rule 2: the first minute is due in the first second, the next at 1:00.001', async (t) => {
  const due = only(OneCall.live().run(180_000), 'charge_due');
  t.same(
    due.map(({ unit, atMs, billableMs, amountMinor }) => ({ unit, atMs, billableMs, amountMinor })),
    [
      { unit: 1, atMs: 1, billableMs: 1, amountMinor: 60 },
      { unit: 2, atMs: 60_001, billableMs: 60_001, amountMinor: 60 },
      { unit: 3, atMs: 120_001, billableMs: 120_001, amountMinor: 60 },
    ],
  );
});

t.test('out of funds: suspended at the end of the paid time, restarted after a top-up', async (t) => {
  const one = OneCall.live({ balanceMinor: 120 });
  const events = one.run(200_000);
  t.same(kinds(events), ['charge_due', 'low_on', 'charge_due', 'charge_due', 'suspended']);
  const [suspended] = only(events, 'suspended');
  t.match(suspended, { atMs: 120_000, billableMs: 120_000, unit: 3, graceEndsAtMs: 420_000 });
  one.balanceMinor = 600;
  one.core.balance(one.call, 600, 250_000);
  one.core.restart(one.call, 251_000);
  one.answer(10);
  one.run(252_000);
  t.match(one.figures(252_000), { state: 'charging', billableMs: 120_990, unitsCharged: 3, balanceMinor: 540 });
});
