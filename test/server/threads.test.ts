import t from 'tap';
import { type CallSummary, linesOfCall } from '../../server/messages/index.ts';
import type { MeterLogEntry, MeterLogKind } from '../../server/meter/index.ts';

const AT = new Date('2026-11-22T12:00:00Z');
const after = (ms: number) => new Date(AT.getTime() + ms);
const summary = (change: Partial<CallSummary> = {}): CallSummary => ({
  callId: 7,
  clientId: 3,
  modelId: 2,
  tariff: 'per_minute',
  rateMinor: 200,
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
const ended = (change: Partial<CallSummary> = {}): CallSummary =>
  summary({
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
  const lines = linesOfCall(summary(), [entry('started', 0), charged(1, 200, 1), charged(2, 200, 60_001)], []);
  t.same(contents(lines), [
    { kind: 'charge', callId: 7, minute: 1, amountMinor: 200 },
    { kind: 'charge', callId: 7, minute: 2, amountMinor: 200 },
  ]);
  t.same(
    lines.map(({ unreadFor, authorId }) => [unreadFor, authorId]),
    [
      [null, null],
      [null, null],
    ],
    'both were there: it is no news to either',
  );
});

t.test('a minute that was refused or given back is no line', async (t) => {
  for (const kind of ['refused', 'released'] as const) {
    t.same(linesOfCall(summary(), [entry(kind, 60_001, { unit: 2, amountMinor: 200 })], []), [], kind);
  }
});

t.test('a minute for nothing is no line', async (t) => {
  t.same(linesOfCall(summary(), [charged(1, 0, 1)], []), []);
  const over = contents(linesOfCall(ended(), [charged(1, 0, 1)], []));
  t.same(
    over.map(({ kind }) => kind),
    ['call'],
    'nor when the call is over',
  );
});

t.test('charges by the second are told by the minute, the last one when the call is over', async (t) => {
  const log = Array.from({ length: 61 }, (_, index) => charged(index + 1, index % 2 ? 4 : 3, index * 1_000 + 1));
  const live = linesOfCall(summary({ tariff: 'per_second', rateMinor: 210 }), log, []);
  t.same(contents(live), [{ kind: 'charge', callId: 7, minute: 1, amountMinor: 210 }]);
  const over = linesOfCall(ended({ tariff: 'per_second', rateMinor: 210 }), log, []);
  t.match(contents(over)[1], { kind: 'charge', minute: 2, amountMinor: 3 });
});

t.test('a rate of which not every second costs something is told by the minute as well', async (t) => {
  // 30 a minute: every other second costs 1, and no charge falls in the sixtieth.
  const log = Array.from({ length: 30 }, (_, index) => charged(2 * index + 1, 1, 2_000 * index + 1));
  const lines = linesOfCall(summary({ tariff: 'per_second', rateMinor: 30 }), log, []);
  t.same(contents(lines), [{ kind: 'charge', callId: 7, minute: 1, amountMinor: 30 }]);
});

t.test('low credit, the end of it and tips are lines in the order in which they happened', async (t) => {
  const log = [charged(1, 200, 1), entry('low_on', 2_000), entry('suspended', 60_000)];
  const lines = linesOfCall(summary(), log, [{ transferId: 40, amountMinor: 500, at: after(30_000) }]);
  t.same(
    contents(lines).map(({ kind }) => kind),
    ['charge', 'low', 'tip', 'out_of_funds'],
  );
  t.equal(lines[2]?.unreadFor, 2, 'a tip is news to her');
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
    t.match(line, { content: { kind: 'call', outcome }, unreadFor: news });
  }
});

t.test('the same call gives the same keys, so that a crash writes nothing twice', async (t) => {
  const log = [charged(1, 200, 1), entry('low_on', 2_000), entry('suspended', 60_000)];
  const keys = () => linesOfCall(ended(), log, []).map(({ key }) => key);
  t.same(keys(), keys());
  t.equal(new Set(keys()).size, keys().length);
});

t.test('each minute, each tip and each time that credit is low is a line of its own', async (t) => {
  const log = [charged(1, 200, 1), charged(2, 200, 60_001), entry('low_on', 70_000), entry('low_on', 90_000)];
  const tips = [40, 41].map((transferId) => ({ transferId, amountMinor: 500, at: after(80_000) }));
  const keys = linesOfCall(summary(), log, tips).map(({ key }) => key);
  t.equal(new Set(keys).size, 6, keys.join(', '));
});
