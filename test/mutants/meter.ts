import { inFile, type MutatedModule } from './mutant.ts';

const LOG = inFile(
  'server/meter/log.ts',
  ['lastSeq + 1);', 'lastSeq);', 'after a crash: no number is used again'],
  ['this.#nextSeq.get(entry.callId) ?? 1;', 'this.#nextSeq.get(entry.callId) ?? 0;', 'lines count from 1'],
  [
    'this.#nextSeq.set(entry.callId, seq + 1);',
    'this.#nextSeq.set(entry.callId, seq);',
    'each line has its own number',
  ],
  [
    'this.#nextSeq.set(entry.callId, seq + 1);',
    'this.#nextSeq.set(entry.callId, seq + 2);',
    'lines count without a gap',
  ],
  ['WAITING_MAX = 100_000', 'WAITING_MAX = 1_000_000', 'so many lines wait, and no more'],
  ['if (this.#waiting.length >= WAITING_MAX) throw', 'if (false) throw', 'so many lines wait, and no more'],
  [
    'this.#writing ??= this.#write();',
    'this.#writing = this.#write();',
    'lines are written in order, one statement at a time',
  ],
  ['    while (this.#writing) await this.#writing;\n', '', 'a flush waits until every line is durable'],
  ['    this.#nextSeq.delete(callId);\n', '', 'a call that is over is forgotten'],
  ['this.#waiting.length > 0 && !this.#isStopped', 'this.#waiting.length > 0', 'nothing is tried after the stop'],
  ['this.#waiting.slice(0, 1_000)', 'this.#waiting.slice(0, 10_000)', 'a statement has at most a thousand lines'],
  [
    'this.#waiting = this.#waiting.slice(lines.length);',
    'this.#waiting = [];',
    'what came while lines were written is written, too',
  ],
  ['\n           on conflict do nothing`', '`', 'a statement that is repeated finds its lines there'],
  [
    '        await sleep(RETRY_MS);\n',
    '        this.#waiting = this.#waiting.slice(lines.length);\n',
    'lines wait until they are durable',
  ],
  ['    this.#writing = null;\n', '', 'lines that come later are written, too'],
  ['mono_ms: line.monoMs,', 'mono_ms: line.billableMs,', 'lengths are taken from the monotonic clock'],
  ['billable_ms: line.billableMs,', 'billable_ms: 0,', 'each line has the billable time at it'],
  ['from meter_log where call_id = $1 order', 'from meter_log where $1::bigint > 0 order', 'a log is of one call'],
  ['order by seq`', 'order by seq desc`', 'a log is read in its order'],
);

const HOST = inFile(
  'server/meter/meter.ts',
  ['const BATCH_MAX = 10_000;', 'const BATCH_MAX = 2;', 'what is due together is posted together'],
  ['const RETRY_MS = 100;', 'const RETRY_MS = 1_000;', 'a charge without an answer is posted again soon'],
  ['WRONG_RETRY_MS = 5_000', 'WRONG_RETRY_MS = 50_000', 'a charge that is wrong is tried again after 5 s'],
  ['        balanceMinor,\n        paused,\n', '        balanceMinor,\n', 'pauses are in force from the first moment'],
  ['          billableMs: recovered.billableMs,\n', '', 'after a crash: billable time of the last durable line'],
  ['          unitsCharged: recovered.unitsCharged,\n', '', 'after a crash: what was charged is charged'],
  ['return this.#byCall.has(callId);', 'return true;', 'a meter is open, or not'],
  [
    'this.#core.start(open.handle, Math.min(toMillis(atMs), now))',
    'this.#core.start(open.handle, toMillis(atMs))',
    'nothing starts in the future',
  ],
  [
    'this.#core.start(open.handle, Math.min(toMillis(atMs), now))',
    'this.#core.start(open.handle, now)',
    'rule 1: the instant the second side connected',
  ],
  [
    'const at = Math.min(toMillis(startedAtMs), now);',
    'const at = now;',
    'slow link: cut back to when the probe began',
  ],
  ["if (!open) return 'stale_handle';", "if (!open) return 'ok';", 'a call without a meter takes nothing'],
  ['    this.#work();\n    return result;\n', '    return result;\n', 'what an input makes due happens at once'],
  ['    this.#isStopped = true;\n', '', 'nothing is metered after the stop'],
  ['Math.min(TICK_MS, untilDeadline)', 'TICK_MS', 'a deadline is met when it is there'],
  [
    'amountMinor, chargedBeforeMinor, clientId, modelId, sharePercent };',
    'amountMinor, chargedBeforeMinor, clientId: modelId, modelId: clientId, sharePercent };',
    'the client pays',
  ],
  [
    'amountMinor, chargedBeforeMinor, clientId, modelId, sharePercent };',
    'amountMinor, chargedBeforeMinor, clientId, modelId, sharePercent: 100 - sharePercent };',
    'rule 7: the share of the call',
  ],
  ["        this.#write(open, 'charged', event", "        void (open, 'charged', event", 'each charge is in the log'],
  [
    "        return this.#onNotice({ ...common, kind: 'charged', unit, amountMinor });",
    '        return;',
    'a charge that fell due is told',
  ],
  [
    "        this.#write(open, 'paused', event",
    "        void (open, 'paused', event",
    'the beginning of a pause is in the log',
  ],
  ["        return this.#onNotice({ ...common, kind: 'paused' });", '        return;', 'a pause is told'],
  ["        return this.#onNotice({ ...common, kind: 'resumed' });", '        return;', 'the end of a pause is told'],
  [
    'event.billableMs, { unit: event.unit });\n        return this.#onNotice({ ...common, kind: event.kind });',
    'event.billableMs, { unit: event.unit });\n        return;',
    'a suspension is told',
  ],
  [
    '        this.#write(open, event.kind, event.atMs, event.billableMs, {});\n',
    '',
    'warnings, start and grace are in the log',
  ],
  [
    'event.billableMs, {});\n        return this.#onNotice({ ...common, kind: event.kind });',
    'event.billableMs, {});\n        return;',
    'warnings, start and grace are told',
  ],
  [
    "const cap = minimum === 'due' &&",
    "const cap = minimum !== 'due' &&",
    'rule 5: what bounds the minimum is in the log',
  ],
  ["        this.#write(open, 'closed', event", "        void (open, 'closed', event", 'the end is in the log'],
  ['        this.#byCall.delete(callId);\n', '', 'a call that is over has no meter'],
  [
    "kind: 'closed', unitsCharged, chargedMinor, minimumDueMinor });",
    "kind: 'closed', unitsCharged, chargedMinor, minimumDueMinor: toMinor(0) });",
    'rule 5: the rest of the minimum is told',
  ],
  ['batch.length > 0 && !this.#isStopped;', 'batch.length > 0;', 'nothing is posted after the stop'],
  ['    this.#isPosting = false;\n', '', 'what falls due later is posted, too'],
  ['      if (waiting.isAlone && batch.length > 0) continue;\n', '', 'a charge that is wrong is tried by itself'],
  [' === BATCH_MAX || waiting.isAlone) break;', ' === BATCH_MAX) break;', 'a charge that is wrong is tried by itself'],
  ["      this.#onNotice({ kind: 'posted', ...notice });\n", '', 'what is paid is told'],
  ["      this.#onNotice({ kind: 'refused', ...notice });\n", '', 'a refusal is told'],
  [
    'at: wallClock(atMs), monoMs: atMs,',
    'at: wallClock(atMs), monoMs: nowMs(),',
    'a line has the time of what happened',
  ],
  ['at: wallClock(atMs), monoMs: atMs,', 'at: new Date(), monoMs: atMs,', 'a line has the time of what happened'],
  [
    '    if (batch.length === 1) waiting.notBeforeMs',
    '    waiting.notBeforeMs',
    'a charge beside a wrong one is tried at once',
  ],
  [
    '    this.#meterLog.append({ callId, kind, at: new Date(), monoMs: nowMs(), billableMs, detail });',
    '',
    'what became of the money is in the log',
  ],
);

const inHost = (file: string, ...mutants: [find: string, replace: string, breaks: string][]) =>
  inFile(`core-wasm/host/${file}`, ...mutants);

const CORE_LIMITS = inHost(
  'limits.ts',
  ['RATE_MINOR_MAX = 1_000_000_000', 'RATE_MINOR_MAX = 10_000_000_000', 'a rate stays exact in 64 bits'],
  ['MINIMUM_MIN_MAX = 1_440', 'MINIMUM_MIN_MAX = 14_400', 'a minimum of a day'],
  ['CAPACITY_MAX = 1 << 23', 'CAPACITY_MAX = 1 << 26', 'so many calls as a handle can name'],
  ['GRACE_MS_MAX = 86_400_000', 'GRACE_MS_MAX = 864_000_000', 'a grace of a day'],
  ['AHEAD_MS = 1_000', 'AHEAD_MS = 10_000', 'rule 4: a unit is posted at most a second ahead'],
  ['Number.isInteger(value) && value', 'value', 'money and time are whole'],
  ['value >= least && value', 'value', 'no value is under its limit'],
  [' && value <= most) return', ') return', 'no value is over its limit'],
  ['value >= least && value <= most', 'value > least && value <= most', 'the least value is allowed'],
  ['value >= least && value <= most', 'value >= least && value < most', 'the largest value is allowed'],
  [
    'whole(field, value, 0, MONEY_MINOR_MAX)',
    'whole(field, value, -MONEY_MINOR_MAX, MONEY_MINOR_MAX)',
    'rule 4: no balance is below zero',
  ],
);

const CORE_HOST = inHost(
  'meter.ts',
  ['SLOW_LINK_KBPS_DEFAULT = 12_000', 'SLOW_LINK_KBPS_DEFAULT = 1_200', 'slow link: under 12 Mbps'],
  ['GRACE_MS_DEFAULT = 300_000', 'GRACE_MS_DEFAULT = 3_000_000', 'the grace is 5 minutes'],
  ['LOW_MS_DEFAULT = 120_000', 'LOW_MS_DEFAULT = 1_200_000', 'low is less than 2 minutes'],
  [
    '    if (this.#ring?.buffer === buffer) return;\n',
    '    if (this.#ring) return;\n',
    'a memory that has grown is looked at anew',
  ],
  [
    'o.unitsPosted ?? unitsCharged, unitsCharged, UNITS_MAX)',
    'o.unitsPosted ?? unitsCharged, 0, UNITS_MAX)',
    'what fell due was posted',
  ],
  [
    'o.unitsPosted ?? unitsCharged, unitsCharged',
    'unitsCharged, unitsCharged',
    'after a crash: a unit that was posted ahead is paid',
  ],
  [
    'if (o.chargedMinor !== undefined && BigInt(o.chargedMinor) !== price)',
    'if (false)',
    'after a crash: the sum is checked, not believed',
  ],
  [
    "      o.tariff === 'per_minute' ? 0 : 1,\n",
    "      o.tariff === 'per_minute' ? 1 : 0,\n",
    'each tariff has its own unit',
  ],
  ['      o.wasLive === true,\n', '      false,\n', 'after a crash: rule 5 for a call that had begun'],
  [
    '      o.suspendedGraceLeftMs === undefined\n        ? -1\n',
    '      o.suspendedGraceLeftMs === undefined\n        ? 0\n',
    'a call is suspended, or not',
  ],
  ['    while (handle === -REBASE_DUE) {\n', '    while (false) {\n', 'a call is opened at any time'],
  ['    if (handle < 0) throw new MeterFullError(this.capacity);\n', '', 'a full core says so'],
  ["    if (!probe.conclusive) return 'no_change';\n", '', 'an inconclusive probe counts for nothing'],
  ['      if (from === TICK_REBASE_DUE) this.#rebase();\n      else ', '      ', 'the clock goes on beyond 24 days'],
  ['    this.#taken = [];\n', '', 'an event is told once'],
  ['    return unit > 0 ?', '    return unit >= 0 ?', 'only what is with the ledger is asked for again'],
  [
    '      if (code === RING_FULL) this.#emptyRing();\n      else if',
    '      if',
    'no input is lost when the ring is full',
  ],
  ['    this.tick(this.#core.rebaseDueMs());\n', '', 'what is due happens before the clock is moved'],
  ['(first + i) & (RING_RECORDS - 1)', '(first + i) % (RING_RECORDS - 1)', 'the ring is read round its end'],
  ['    this.#core.eventsConsume(count);\n', '', 'an event is told once'],
  ["  'appliance_reconnecting',\n];", '];', 'reconnecting: the appliance’s fault, too'],
  ["  'client_no_media',\n  'client_reconnecting',\n", "  'client_reconnecting',\n", 'no_media: the client’s, too'],
  [
    '  if (isHostReason(reason)) return REASON_BITS[reason];\n',
    '  if (REASON_BITS[reason]) return REASON_BITS[reason];\n',
    'the core’s own reasons are its own',
  ],
  ['(waived ? REASON_BITS.model_waived : 0) |', '0 |', 'after a crash: a waived call stays free'],
  [' | (slowLink ? REASON_BITS.slow_link : 0)', '', 'after a crash: a slow link stays slow'],
  [
    'reduce((sum, reason) => sum | hostReason(reason), 0)',
    'reduce((_, reason) => hostReason(reason), 0)',
    'every pause is in force from the first moment',
  ],
);

const MIRROR = inHost(
  'mirror.ts',
  ["    if (figures.state === 'closing' || figures.state === 'closed') return;\n", '', 'a call that is over stands'],
  ['        billableMs: figures.billableMs,\n', '', 'the page goes on from the server’s time'],
  [
    '        unitsCharged: figures.unitsCharged,\n',
    '        unitsCharged: figures.unitsPosted,\n',
    'what is paid ahead is not charged yet',
  ],
  ['        unitsPosted: figures.unitsPosted,\n', '', 'what is paid ahead is paid'],
  ['figures.reasons.filter(isHostReason)', '[]', 'a pause stands on the page, too'],
  [
    "waived: figures.reasons.includes('model_waived')",
    'waived: false',
    'rule 8: a waived call is free on the page, too',
  ],
  ["slowLink: figures.reasons.includes('slow_link')", 'slowLink: false', 'slow link: not charging on the page, too'],
  ['suspendedGraceLeftMs: figures.graceLeftMs ?? 0', 'suspendedGraceLeftMs: 0', 'the page counts the grace down'],
  ["    if (figures.state === 'opened') return;\n", '', 'rule 1: nothing runs before both are live'],
  ['if (!isSuspended) this.#core.start(call, at);', '', 'the page’s meter runs'],
  [
    'if (isSuspended && figures.pendingUnit !== null) this.#core.restart(call, at);',
    '',
    'the grace does not end before the answer to a restart',
  ],
  [
    'if (isSuspended && figures.pendingUnit !== null) this.#core.restart(call, at);',
    'if (isSuspended) this.#core.restart(call, at);',
    'only who restarts is restarted',
  ],
  ['if (pending) this.#core.refused(call, pending.unit, 0, at);', '', 'what was shown before is forgotten'],
  ['    this.#core.release(call);\n', '', 'what was shown before is forgotten'],
);

const WIRE = inHost(
  'wire.ts',
  ['  slow_link: 1,\n  no_media: 2,', '  slow_link: 2,\n  no_media: 1,', 'each reason has its own bit'],
  [
    '  client_no_media: 32,\n  client_reconnecting: 64,',
    '  client_no_media: 64,\n  client_reconnecting: 32,',
    'each reason has its own bit',
  ],
  [
    "ENDED_BY: EndedBy[] = ['client', 'model', 'appliance']",
    "ENDED_BY: EndedBy[] = ['client', 'appliance', 'model']",
    'rule 5: who ended it',
  ],
  ["['none', 'due', 'model_ended'", "['due', 'none', 'model_ended'", 'rule 5: why the minimum is due or not'],
  ["'waived', 'model_fault'];", "'model_fault', 'waived'];", 'rule 5: why the minimum is due or not'],
  ['unit: a, amountMinor: b, waitMs: c }', 'unit: a, amountMinor: c, waitMs: b }', 'rule 4: the amount of a unit'],
  [
    'unit: 0, amountMinor: b, capMinor: c }',
    'unit: 0, amountMinor: c, capMinor: b }',
    'rule 5: the rest, as far as the balance covers it',
  ],
  ['timeLeftMs: a < 0 ? null : a }', 'timeLeftMs: a }', 'rule 8: no time runs out after a waiver'],
  [
    'reason: reasonOf(a), sinceMs: b, reasons',
    'reason: reasonOf(a), sinceMs: atMs, reasons',
    'a pause is dated back to its fault',
  ],
  [
    "kind: 'resumed', call, atMs, billableMs, reason: reasonOf(a), reasons: reasonsOf(c)",
    "kind: 'resumed', call, atMs, billableMs, reason: reasonOf(a), reasons: []",
    'overlapping reasons end one by one',
  ],
  ['graceEndsAtMs: b }', 'graceEndsAtMs: atMs }', 'the end of the grace is told'],
  ['(d & 1) === 1;', '(d & 1) === 0;', 'out of funds is said to be so'],
  [
    "kind: 'charged', call, atMs, billableMs, unit: a, amountMinor: b",
    "kind: 'charged', call, atMs, billableMs, unit: a, amountMinor: 0",
    'rule 2: what a unit costs',
  ],
  [
    'unit: a, lastUnit: b, amountMinor: c',
    'unit: a, lastUnit: a, amountMinor: c',
    'rule 4: every unit that never fell due goes back',
  ],
  [
    "kind: 'restarted', call, atMs, billableMs, unit: a,",
    "kind: 'restarted', call, atMs, billableMs, unit: a + 1,",
    'a restart takes the refused unit first',
  ],
  ['unitsCharged: at(3),', 'unitsCharged: at(12),', 'what is posted ahead is not charged yet'],
  ['unitsPosted: at(12),', 'unitsPosted: at(3),', 'what is posted ahead is paid'],
  ['Math.max(0, at(6) - at(2))', 'Math.max(0, at(6))', 'paid time that is used is not left any more'],
  ['timeLeftMs: at(7) < 0 ? null : at(7)', 'timeLeftMs: at(7)', 'rule 8: no time runs out after a waiver'],
  ['graceLeftMs: at(9) < 0 ? null : at(9)', 'graceLeftMs: at(9)', 'a grace is shown in a suspension only'],
  ['isLow: at(8) === 1', 'isLow: at(8) === 0', 'the warning is shown'],
  ['pendingUnit: at(10) || null', 'pendingUnit: at(10)', 'only what is with the ledger is shown'],
  ["isPaused ? 'not_charging' : 'charging'", "isPaused ? 'charging' : 'charging'", 'not charging is said to be so'],
);

const LEGS = [
  ...inFile('server/connections/connection-quality.ts', [
    '    if (before?.counters.legId !== legId) return;\n',
    '    if (!before) return;\n',
    'the counters of an old leg say nothing of a new one',
  ]),
  ...inFile('server/connections/uplink.ts', [
    '    this.#seen.length = 0;\n',
    '',
    'the counters of an old leg say nothing of a new one',
  ]),
];

const TARIFF = inFile(
  'core-wasm/host/tariff.ts',
  ['price : (price + 59n) / 60n', 'price : price / 60n', 'rule 3: rounded up'],
  ['price : (price + 59n) / 60n', 'price : (price + 60n) / 60n', 'rule 3: the ceiling'],
  ["tariff === 'per_minute' ? price", "tariff !== 'per_minute' ? price", 'each tariff has its own price'],
  ["=== 'per_minute' ? 60_000 : 1_000", "=== 'per_minute' ? 1_000 : 60_000", 'each tariff has its own unit'],
  ['priceMinor(tariff, rateMinor, unit - 1)', 'priceMinor(tariff, rateMinor, unit - 2)', 'rule 3: the next unit only'],
);

export const METER: MutatedModule = {
  says: 'the host of the metering core and the meter log (server/meter, core-wasm/host)',
  suites: [
    { name: 'meter', entry: 'test/server/meter.test.ts' },
    { name: 'meter-log', entry: 'test/integration/meter-log.test.ts', needsDatabase: true },
    { name: 'tariff', entry: 'test/server/tariff.test.ts' },
    { name: 'host', entry: 'test/core/host.test.ts' },
    { name: 'rules', entry: 'test/core/rules.test.ts' },
    { name: 'connection-quality', entry: 'test/server/connection-quality.test.ts' },
  ],
  mutants: [...TARIFF, ...LOG, ...HOST, ...CORE_LIMITS, ...CORE_HOST, ...MIRROR, ...WIRE, ...LEGS],
};
