// The one rule of units and prices outside of the core (charging rules 2 and 3).
import t from 'tap';
import { priceMinor, unitMs, unitPriceMinor } from '../../core-wasm/index.ts';

t.test('rule 2: a minute costs the rate', async (t) => {
  t.equal(unitMs('per_minute'), 60_000);
  t.same(
    [0, 1, 3].map((units) => Number(priceMinor('per_minute', 199, units))),
    [0, 199, 597],
  );
  t.equal(unitPriceMinor('per_minute', 199, 7), 199);
});

t.test(
  'rule 3: so many seconds cost ceil(rate · s / 60) together, and one may cost less than its neighbour',
  async (t) => {
    t.equal(unitMs('per_second'), 1_000);
    t.same(
      [0, 1, 2, 60].map((units) => Number(priceMinor('per_second', 100, units))),
      [0, 2, 4, 100],
    );
    t.same(
      [1, 2, 3].map((unit) => unitPriceMinor('per_second', 100, unit)),
      [2, 2, 1],
    );
    t.same(
      [1, 2, 3].map((unit) => unitPriceMinor('per_second', 30, unit)),
      [1, 0, 1],
    );
  },
);
