import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import { MoneyEvents } from '../../server/payments/money-events.ts';

const TOGETHER_MS = 300;
let clock: FakeTimers.Clock;
t.beforeEach(() => {
  clock = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] });
});
t.afterEach(() => clock.uninstall());

function eventsTo() {
  const sent: (number | 'operators')[] = [];
  return { sent, events: new MoneyEvents((to) => sent.push(to)) };
}

t.test('what happens within 300 ms is sent once, to whom it concerns and to operators', async (t) => {
  const { sent, events } = eventsTo();
  events.changed(1);
  clock.tick(TOGETHER_MS - 1);
  for (const personId of [2, 1, undefined]) events.changed(personId);
  t.same(sent, []);
  clock.tick(1);
  t.same(sent, [1, 2, 'operators']);
  clock.tick(TOGETHER_MS);
  t.equal(sent.length, 3, 'and not again');
});

t.test('what happens later is sent, too, to whom it concerns then', async (t) => {
  const { sent, events } = eventsTo();
  events.changed(1);
  clock.tick(TOGETHER_MS);
  events.changed(2);
  clock.tick(TOGETHER_MS);
  t.same(sent, [1, 'operators', 2, 'operators']);
});

t.test('nothing is sent after the stop', async (t) => {
  const { sent, events } = eventsTo();
  events.changed(1);
  events.stop();
  clock.tick(TOGETHER_MS);
  t.same(sent, []);
});
