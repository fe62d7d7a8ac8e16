// How long who guesses has to wait, on a clock that the test moves.
import t from 'tap';
import { GuessLimit } from '../../server/accounts/guess-limit.ts';

const HOUR_MS = 3_600_000;

t.test('five guesses are free, then each wait is twice the one before, up to a quarter of an hour', async (t) => {
  let nowMs = 0;
  const limit = new GuessLimit(() => nowMs);
  const waits = [];
  for (let guess = 0; guess < 5; guess += 1) t.equal(limit.take('mia', 'here'), 0);
  for (let guess = 0; guess < 12; guess += 1) {
    const waitMs = limit.take('mia', 'here');
    waits.push(waitMs);
    nowMs += waitMs;
    t.equal(limit.take('mia', 'here'), 0);
  }
  t.same(
    waits,
    [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900].map((seconds) => seconds * 1_000),
  );
});

t.test('many at once count as many', async (t) => {
  const limit = new GuessLimit(() => 0);
  t.equal(Array.from({ length: 50 }, () => limit.take('mia', 'here')).filter((waitMs) => waitMs === 0).length, 5);
});

t.test('from many networks a hundred an hour, which does not shut out who was right before', async (t) => {
  let nowMs = 0;
  const limit = new GuessLimit(() => nowMs);
  limit.take('mia', 'home');
  limit.giveBack('mia', 'home');
  let tried = 0;
  for (let network = 0; network < 300; network += 1) if (limit.take('mia', `net ${network}`) === 0) tried += 1;
  t.equal(tried, 100);
  t.equal(limit.take('mia', 'another'), HOUR_MS);
  t.equal(limit.take('mia', 'home'), 0);
  t.equal(limit.take('zoe', 'another'), 0, 'somebody else');
  nowMs = HOUR_MS;
  t.equal(limit.take('mia', 'another'), 0, 'the next hour');
});

t.test('a guess that was right is none of the hundred', async (t) => {
  const limit = new GuessLimit(() => 0);
  for (let network = 0; network < 100; network += 1) limit.take('mia', `net ${network}`);
  limit.giveBack('mia', 'net 99');
  t.equal(limit.take('mia', 'another'), 0);
  t.equal(limit.take('mia', 'one more'), HOUR_MS);
});

t.test('an hour without a guess forgets them', async (t) => {
  let nowMs = 0;
  const limit = new GuessLimit(() => nowMs);
  for (let guess = 0; guess < 5; guess += 1) limit.take('mia', 'here');
  nowMs = HOUR_MS;
  for (let guess = 0; guess < 5; guess += 1) t.equal(limit.take('mia', 'here'), 0);
  t.ok(limit.take('mia', 'here') > 0);
});

t.test('names are bounded: the one that was tried longest ago is forgotten', async (t) => {
  const limit = new GuessLimit(() => 0);
  for (let guess = 0; guess < 5; guess += 1) limit.take('mia', 'here');
  t.ok(limit.take('mia', 'here') > 0);
  for (let name = 0; name < 10_000; name += 1) limit.take(`name ${name}`, 'here');
  t.equal(limit.take('mia', 'here'), 0);
});
