// What counts as media, and when a side is silent (charging rules, "When the meter does not run").
import t from 'tap';
import type { Side } from '../../server/contract/index.ts';
import { type FlowEvent, MediaFlow } from '../../server/media/process/media-flow.ts';

const TICK_MS = 100;

/** One side's flow on a clock of its own, watched as the process watches it. */
class Line {
  readonly flow: MediaFlow;
  readonly events: FlowEvent[] = [];
  nowMs = 0;

  constructor(side: Side) {
    this.flow = new MediaFlow(side, (event) => this.events.push(event));
  }

  /** Time passes with a packet each `everyMs`; 0: none. `saysOff`: the page says so twice a second. */
  pass(ms: number, everyMs: number, saysOff?: boolean): FlowEvent[] {
    const from = this.events.length;
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs += 1;
      if (everyMs > 0 && this.nowMs % everyMs === 0) this.flow.media(this.nowMs);
      if (saysOff !== undefined && this.nowMs % 500 === 0) this.flow.switches(saysOff ? this.nowMs : null, this.nowMs);
      if (this.nowMs % TICK_MS === 0) this.flow.watch(this.nowMs);
    }
    return this.events.slice(from);
  }
}

t.test('ten packets in two seconds are media, fewer are silence', async (t) => {
  const model = new Line('model');
  t.same(model.pass(10_000, 0), [], 'nothing has flowed yet');
  t.match(model.pass(1_000, 20), [{ type: 'flowing', atMs: 10_200 }]);
  t.match(model.pass(5_000, 0), [{ type: 'silent', sinceMs: 11_000 }], "at the model's last packet");
  t.ok(model.events.length === 2, 'told once');
  t.same(model.pass(20_000, 250), [], 'eight packets in two seconds are silence');
  t.match(model.pass(2_500, 200), [{ type: 'flowing' }], 'ten are media');
});

t.test('single packets keep no side alive', async (t) => {
  for (const everyMs of [1_800, 2_150, 250]) {
    const client = new Line('client');
    client.pass(3_000, 20);
    const events = client.pass(75_000, everyMs);
    t.match(events, [{ type: 'silent' }], `a packet each ${everyMs} ms`);
    t.ok((events[0]?.type === 'silent' ? events[0].sinceMs : 0) <= 7_100, 'noticed within about two seconds');
  }
});

t.test(
  "the client's silence is paid for until it is noticed, and his media is back after a second without a gap",
  async (t) => {
    const client = new Line('client');
    t.match(client.pass(3_000, 20), [{ type: 'flowing', atMs: 1_020 }], 'from the first packet on it takes a second');
    const [silent] = client.pass(4_000, 0);
    t.ok(silent?.type === 'silent' && silent.sinceMs > 4_700 && silent.sinceMs <= 5_000, 'not cut back');
    t.same(client.pass(900, 20), [], 'less than a second');
    t.same(client.pass(600, 0), [], 'and a gap');
    t.same(client.pass(900, 20), []);
    t.match(client.pass(200, 20), [{ type: 'flowing' }]);
  },
);

t.test('a client who hovers about the threshold is not back before a second of packets', async (t) => {
  const client = new Line('client');
  client.pass(3_000, 20);
  const events = client.pass(60_000, 222);
  const times = events.map((event) => (event.type === 'silent' ? event.sinceMs : event.atMs));
  t.ok(events.length > 2, 'it comes and goes');
  for (const [at, event] of events.entries()) {
    if (event.type !== 'flowing') continue;
    t.ok((times[at] as number) - (times[at - 1] as number) >= 1_000, `back at ${times[at]}`);
  }
});

t.test('switches are believed while the page says so twice a second', async (t) => {
  const client = new Line('client');
  client.pass(3_000, 20);
  t.same(client.pass(60_000, 0, true), [], 'a client with both off is charged, and sees');
  const [silent] = client.pass(5_000, 0);
  t.equal(silent?.type, 'silent', 'a page that says nothing any more is not believed');
});

t.test('back on: silence counts from the switch, never from the last packet before it', async (t) => {
  const client = new Line('client');
  client.pass(3_000, 20);
  client.pass(60_000, 0, true);
  client.flow.switches(null, client.nowMs);
  const onMs = client.nowMs;
  const [silent] = client.pass(5_000, 0);
  t.ok(silent?.type === 'silent' && silent.sinceMs > onMs, 'sixty seconds are not taken back');
  const again = new Line('client');
  again.pass(3_000, 20);
  again.pass(60_000, 0, true);
  again.flow.switches(null, again.nowMs);
  t.same(again.pass(10_000, 20), [], 'and media that comes is no fault at all');
});

t.test('a model with both switches off is silent after ten seconds, whatever packets her browser sends', async (t) => {
  for (const everyMs of [0, 20]) {
    const model = new Line('model');
    model.pass(3_000, 20);
    const offMs = 3_500;
    t.match(model.pass(60_000, everyMs, true), [{ type: 'silent', sinceMs: offMs + 10_000 }], 'not from before');
    model.flow.switches(null, model.nowMs);
    t.match(model.pass(1_000, 20), [{ type: 'flowing' }]);
  }
});

t.test('a model who is on for a moment again and again is still the one who was off', async (t) => {
  const model = new Line('model');
  model.pass(3_000, 20);
  const events: FlowEvent[] = [];
  for (let round = 0; round < 4; round++) {
    events.push(...model.pass(8_000, 0, true));
    model.flow.switches(null, model.nowMs);
    events.push(...model.pass(250, 0));
  }
  t.match(events, [{ type: 'silent' }]);
  t.ok((events[0]?.type === 'silent' ? events[0].sinceMs : 0) <= 13_500);
});

t.test(
  'and so is one who sends for a moment: ten packets every nine seconds are paid, the time between is not',
  async (t) => {
    const model = new Line('model');
    model.pass(3_000, 20);
    const fromMs = model.nowMs;
    const roundMs = 8_500 + 300;
    const events: FlowEvent[] = [];
    for (let round = 0; round < 6; round++) {
      events.push(...model.pass(8_500, 0, true));
      model.flow.switches(null, model.nowMs);
      events.push(...model.pass(300, 20));
    }
    const times = events.map((event) => (event.type === 'silent' ? event.sinceMs : event.atMs));
    t.ok((times[0] as number) <= fromMs + 10_500, 'ten seconds of off, and no more');
    t.same(
      times,
      times.toSorted((a, b) => a - b),
      'no pause reaches back over a flow',
    );
    let seenMs = 0;
    for (const [at, event] of events.entries())
      if (event.type === 'flowing') seenMs += (times[at + 1] ?? model.nowMs) - (times[at] as number);
    t.ok(seenMs <= 6 * 800, `${seenMs} ms paid after it, of ${5 * roundMs}`);
  },
);

t.test('a model who is back on for good is on: her next ten seconds of off are whole', async (t) => {
  const model = new Line('model');
  model.pass(3_000, 20);
  t.same(model.pass(8_000, 0, true), []);
  model.flow.switches(null, model.nowMs);
  t.same(model.pass(3_000, 20), []);
  const offMs = model.nowMs + 500;
  t.match(model.pass(12_000, 0, true), [{ type: 'silent', sinceMs: offMs + 10_000 }]);
});

t.test('a new leg of a model whose switches have long been off does not begin with ten seconds', async (t) => {
  const model = new Line('model');
  const sinceMs = model.nowMs - 9_000;
  model.flow.switches(sinceMs, model.nowMs);
  t.match(model.events, [{ type: 'flowing' }], 'a second of the ten is left');
  t.match(model.pass(3_000, 0, true), [{ type: 'silent', sinceMs: sinceMs + 10_000 }]);
  const other = new Line('model');
  other.flow.switches(other.nowMs - 11_000, other.nowMs);
  t.same(other.pass(3_000, 0, true), [], 'they are used up');
});
