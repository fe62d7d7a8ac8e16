import t from 'tap';
import { each } from '../../server/payments/each.ts';
import { StoreUnavailable } from '../../server/store/index.ts';

/** Acts on three rows, of which the second fails. @returns the rows that were tried, and the failure */
async function trying(failure: Error): Promise<{ tried: number[]; failed: unknown }> {
  const tried: number[] = [];
  const failed = await each([1, 2, 3], async (row) => {
    tried.push(row);
    if (row === 2) throw failure;
  }).catch((error: unknown) => error);
  return { tried, failed };
}

t.test('a row that fails keeps no other from it, and is said at the end', async (t) => {
  const failure = new Error('poison');
  t.same(await trying(failure), { tried: [1, 2, 3], failed: failure });
});

t.test('without a database nothing more is tried', async (t) => {
  const failure = new StoreUnavailable('away');
  t.same(await trying(failure), { tried: [1, 2], failed: failure });
});

t.test('when none fails nothing is said', async (t) => {
  t.equal(await each([1, 2], async () => {}), undefined);
});
