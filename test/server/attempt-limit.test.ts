import t from 'tap';
import { AttemptLimit } from '../../server/rates/index.ts';

const WINDOW_MS = 1_000;
const NAMES_MAX = 10_000;

t.test('so many tries in a window, and no more, each name by itself', async (t) => {
  const limit = new AttemptLimit(2, WINDOW_MS);
  t.same(
    [0, 1, 2, WINDOW_MS - 1].map((nowMs) => limit.take('a', nowMs)),
    [true, true, false, false],
  );
  t.equal(limit.take('b', 2), true);
});

t.test('when the window is over there are new tries', async (t) => {
  const limit = new AttemptLimit(1, WINDOW_MS);
  limit.take('a', 0);
  t.equal(limit.take('a', WINDOW_MS), true);
});

t.test('a try that was right is given back, and no more than was taken', async (t) => {
  const limit = new AttemptLimit(1, WINDOW_MS);
  limit.take('a', 0);
  limit.giveBack('a');
  limit.giveBack('a');
  t.same([limit.take('a', 1), limit.take('a', 2)], [true, false]);
});

t.test('ten thousand names are remembered, and who tried last is forgotten last', async (t) => {
  const limit = new AttemptLimit(2, WINDOW_MS);
  for (const name of ['first', 'second', 'first']) limit.take(name, 0);
  for (let n = 2; n < NAMES_MAX; n++) limit.take(`name ${n}`, 0);
  t.equal(limit.take('first', 0), false, 'all that fit');
  limit.take('one more', 0);
  t.same(
    ['first', 'second', 'second'].map((name) => limit.take(name, 0)),
    [false, true, true],
    'the second, who has tried once, is forgotten',
  );
});
