import t from 'tap';
import { type CallStory, linesOfCall } from '../../server/messages/index.ts';
import type { MeterLogEntry, MeterLogKind } from '../../server/meter/index.ts';

const AT = new Date('2026-11-22T12:00:00Z');
const after = (ms: number) => new Date(AT.getTime() + ms);
const story = (change: Partial<CallStory> = {}): CallStory => ({
  callId: 7,
  clientId: 3,
  modelId: 2,
  tariff: 'per_minute',
  state: 'live',
  outcome: null,
  endedBy: null,
  rejectReason: null,
  liveAt: AT,
  endedAt: null,
  billableMs: 0,
  chargedMinor: 0,
  agrees: null,
  ...change,
});
const ended = (change: Partial<CallStory> = {}): CallStory =>
  story({
    state: 'ended',
    outcome: 'client_ended',
    endedBy: 'client',
    endedAt: after(70_000),
    agrees: true,
    ...change,
  });
let seq = 0;
const entry = (kind: MeterLogKind, ms: number, detail: MeterLogEntry['detail'] = {}): MeterLogEntry => ({
  callId: 7,
  seq: ++seq,
  kind,
  at: after(ms),
  monoMs: ms,
  billableMs: ms,
  detail,
});
const charged = (unit: number, amountMinor: number, ms: number) => entry('charged', ms, { unit, amountMinor });
const contents = (lines: ReturnType<typeof linesOfCall>) => lines.map(({ content }) => content);

t.test('each charged minute is a line, with its amount', async (t) => {
  const lines = linesOfCall(story(), [entry('started', 0), charged(1, 200, 1), charged(2, 200, 60_001)], []);
  t.same(contents(lines), [
    { kind: 'charge', callId: 7, minute: 1, amountMinor: 200 },
    { kind: 'charge', callId: 7, minute: 2, amountMinor: 200 },
  ]);
  t.same(
    lines.map(({ newsFor, authorId }) => [newsFor, authorId]),
    [
      [null, null],
      [null, null],
    ],
    'both were there: it is no news to either',
  );
});

t.test('charges by the second are told by the minute, the last one when the call is over', async (t) => {
  const log = Array.from({ length: 61 }, (_, index) => charged(index + 1, index % 2 ? 4 : 3, index * 1_000 + 1));
  const live = linesOfCall(story({ tariff: 'per_second' }), log, []);
  t.same(contents(live), [{ kind: 'charge', callId: 7, minute: 1, amountMinor: 210 }]);
  const over = linesOfCall(ended({ tariff: 'per_second' }), log, []);
  t.match(contents(over)[1], { kind: 'charge', minute: 2, amountMinor: 3 });
});

t.test('low credit, the end of it and tips are lines in the order in which they happened', async (t) => {
  const log = [charged(1, 200, 1), entry('low_on', 2_000), entry('suspended', 60_000)];
  const lines = linesOfCall(story(), log, [{ transferId: 40, amountMinor: 500, at: after(30_000) }]);
  t.same(
    contents(lines).map(({ kind }) => kind),
    ['charge', 'low', 'tip', 'out_of_funds'],
  );
  t.equal(lines[2]?.newsFor, 2, 'a tip is news to her');
});

t.test('the last line says how it ended, with length and amount, once its money is settled', async (t) => {
  t.same(linesOfCall(ended({ agrees: null }), [], []), [], 'not before');
  const [line] = linesOfCall(ended({ billableMs: 65_000, chargedMinor: 400 }), [], []);
  t.match(line, { key: 'call:7', content: { outcome: 'client_ended', billableMs: 65_000, chargedMinor: 400 } });
});

t.test('a call that was never live is told at its end; missed and withdrawn are news to her', async (t) => {
  for (const [outcome, news] of [
    ['missed', 2],
    ['withdrawn', 2],
    ['rejected', null],
    ['canceled', null],
  ] as const) {
    const [line] = linesOfCall(ended({ outcome, liveAt: null, agrees: null }), [], []);
    t.match(line, { content: { kind: 'call', outcome }, newsFor: news });
  }
});

t.test('the same call gives the same keys, so that a crash writes nothing twice', async (t) => {
  const log = [charged(1, 200, 1), entry('low_on', 2_000), entry('suspended', 60_000)];
  const keys = () => linesOfCall(ended(), log, []).map(({ key }) => key);
  t.same(keys(), keys());
  t.equal(new Set(keys()).size, keys().length);
});
