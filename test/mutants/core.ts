import { inFile, type MutatedModule } from './mutant.ts';

const inCore = (file: string, ...mutants: [find: string, replace: string, breaks: string][]) =>
  inFile(`core-wasm/assembly/${file}`, ...mutants);

const LIMITS = inCore(
  'limits.ts',
  ['AHEAD_MS: i64 = 1_000', 'AHEAD_MS: i64 = 1_001', 'rule 4: a unit is posted at most a second ahead'],
  ['AHEAD_MS: i64 = 1_000', 'AHEAD_MS: i64 = 500', 'rule 4: a slow disk has a second'],
  ['QUIET_MS: i32 = 250', 'QUIET_MS: i32 = 300', 'the first unit is waited for 250 ms without a word'],
  ['BOTH_END_MS: i32 = 1_000', 'BOTH_END_MS: i32 = 999', 'rule 5: both end it within a second'],
  ['BOTH_END_MS: i32 = 1_000', 'BOTH_END_MS: i32 = 1_001', 'rule 5: both end it within a second, not more'],
  ['MODEL_FAULT_MS: i64 = 10_000', 'MODEL_FAULT_MS: i64 = 9_999', 'rule 5: ten seconds on the model’s side, not less'],
  ['MODEL_FAULT_MS: i64 = 10_000', 'MODEL_FAULT_MS: i64 = 10_001', 'rule 5: ten seconds on the model’s side'],
  ['PROBES_JUDGED: i32 = 3', 'PROBES_JUDGED: i32 = 2', 'slow link: the last three are judged'],
);

const TARIFF = inCore(
  'tariff.ts',
  ['? 60_000 : 1_000', '? 60_001 : 1_000', 'rule 2: a minute is 60 000 ms'],
  ['? 60_000 : 1_000', '? 60_000 : 999', 'rule 3: a second is 1 000 ms'],
  ['call.tariff == PER_MINUTE ? 60_000', 'call.tariff != PER_MINUTE ? 60_000', 'each tariff has its own unit'],
  ['<i64>call.unitsPosted * unitMs(call)', '<i64>call.unitsCharged * unitMs(call)', 'what is posted ahead is paid'],
  ['(price + 59) / 60', '(price + 60) / 60', 'rule 3: the ceiling'],
  ['(price + 59) / 60', 'price / 60', 'rule 3: up, not down'],
  ['? price : (price', '? price + 1 : (price', 'rule 2: a minute costs the rate'],
  ['priceOf(call, call.unitsCharged)', 'priceOf(call, call.unitsPosted)', 'rule 4: what never fell due is not charged'],
  ['priceOf(call, call.unitsPosted)', 'priceOf(call, call.unitsCharged)', 'what is posted ahead is known'],
  [
    '<i64>call.unitsPosted + 1) - postedMinor',
    '<i64>call.unitsPosted + 2) - postedMinor',
    'rule 3: the next unit only',
  ],
  [
    'nextAmountMinor(call) == 0) call.unitsPosted++;',
    'nextAmountMinor(call) == -1) call.unitsPosted++;',
    'after a crash: free seconds are counted as posted',
  ],
  [
    '    if (priceOf(call, <i64>call.unitsCharged + 1) != chargedMinor(call)) return;\n',
    '',
    'after a crash: a unit that costs something is told',
  ],
  ['paidUntilMs(call) - AHEAD_MS + 1', 'paidUntilMs(call) - AHEAD_MS', 'rule 4: a second ahead, not a second and 1 ms'],
  ['paidUntilMs(call) - AHEAD_MS + 1', 'paidUntilMs(call) + 1', 'rule 4: authorisation ahead'],
  [
    '<i64>call.unitsCharged * unitMs(call) + 1',
    '<i64>call.unitsCharged * unitMs(call)',
    'rule 2: greater than, not at',
  ],
  ['<i64>call.unitsCharged * unitMs(call) + 1', '<i64>call.unitsCharged * unitMs(call) + 2', 'rule 2: at once'],
);

const CHARGES = inCore(
  'charges.ts',
  ['if (nextAmountMinor(call) == 0) {', 'if (false) {', 'rule 3: a second that costs nothing is no transfer'],
  [
    'askLedger(call, at, paidUntilMs(call) - billableAt(call, at))',
    'askLedger(call, at, 0)',
    'how long the ledger has is told',
  ],
  ['call.pending = true;', 'call.pending = false;', 'rule 4: one charge is with the ledger at a time'],
  [
    'const unit = <f64>call.unitsPosted + 1;',
    'const unit = <f64>call.unitsPosted;',
    'rule 4: the key is the unit’s own',
  ],
  [
    'const before = chargedMinor(call);\n  call.unitsCharged++;',
    'const before = chargedMinor(call);\n  call.unitsCharged += 2;',
    'one unit falls due at a time',
  ],
  ['if (amount > 0) emit(CHARGED', 'emit(CHARGED', 'rule 3: a second that costs nothing is no charge'],
  [
    'call.billableMs >= dueFromMs(call)) unitIsDue(call, at);',
    'false) unitIsDue(call, at);',
    'after a crash: what is used is charged, though the call never starts again',
  ],
  ['  chargeWhatIsUsed(call, at);\n  const amount', '  const amount', 'rule 4: what is used does not go back'],
  [
    'const amount = postedMinor(call) - chargedMinor(call);',
    'const amount = postedMinor(call);',
    'rule 4: only what is ahead goes back',
  ],
  [
    'const first = <f64>call.unitsCharged + 1;',
    'const first = <f64>call.unitsCharged;',
    'rule 4: a charged unit does not go back',
  ],
  ['const last = <f64>call.unitsPosted;', 'const last = first;', 'rule 4: all that is ahead goes back'],
  ['  call.unitsPosted = call.unitsCharged;\n', '', 'rule 4: what goes back is not paid any more'],
  ['if (amount > 0) emit(RELEASE_DUE', 'if (false) emit(RELEASE_DUE', 'rule 4: what is ahead goes back'],
  ['if (amount > 0) emit(RELEASE_DUE', 'emit(RELEASE_DUE', 'rule 4: nothing ahead, nothing to give back'],
);

const LEDGER_ANSWERS = inCore(
  'ledger-answers.ts',
  ['if (!call.isStarted && call.reasons == 0)', 'if (false)', 'the first unit is waited for without a word'],
  [
    'if (!call.isStarted && call.reasons == 0)',
    'if (call.reasons == 0)',
    'only the first unit is waited for without a word',
  ],
  [
    'begin(call, LEDGER_WAIT, at, at)',
    'begin(call, LEDGER_WAIT, at - 100, at)',
    'ledger_wait: no time is given away while the ledger is slow',
  ],
  [
    '  call.unitsPosted++;\n  call.balanceMinor = balanceMinor;',
    '  call.balanceMinor = balanceMinor;',
    'rule 4: what is posted counts',
  ],
  [
    '  call.unitsPosted++;\n  call.balanceMinor = balanceMinor;',
    '  call.unitsPosted++;',
    'the balance is what the ledger left',
  ],
  ['if (call.state == CLOSING) closeWhenKnown(call, at);\n  else if', 'if', 'the answer ends a call that is closing'],
  ['(call.state == SUSPENDED) restarted(call, at)', '(false) restarted(call, at)', 'a restart that is paid goes on'],
  ['  else if (isWaived(call)) releaseAhead(call, at);\n', '', 'rule 8: what is posted after a waiver goes back'],
  ['  else end(call, LEDGER_WAIT, at);\n}', '}', 'ledger_wait: a late answer lets the meter run again'],
  [
    'call.pending = false;\n  call.balanceMinor = balanceMinor;\n  // A restart',
    'call.pending = false;\n  // A restart',
    'a refusal tells the balance',
  ],
  ['  if (call.state == SUSPENDED) return;\n', '', 'a refused restart changes nothing'],
  ['  if (call.state == CLOSING) return closeWhenKnown(call, at);\n', '', 'a refusal ends a call that is closing'],
  ['  if (isWaived(call)) return;\n', '', 'rule 8: nobody is suspended after a waiver'],
  ['  endQuiet(call);\n  const usedMs', '  const usedMs', 'a refused first unit is told as a wait'],
  [
    'if (usedMs >= paidUntilMs(call)) suspend',
    'if (usedMs > paidUntilMs(call)) suspend',
    'suspended at the end of the paid time',
  ],
  [
    'if (usedMs >= paidUntilMs(call)) suspend',
    'if (true) suspend',
    'media does not stop before the end of the paid time',
  ],
  [
    'suspend(call, stopAtBillable(call, paidUntilMs(call)), at);\n  else',
    'suspend(call, at, at);\n  else',
    'suspended when the paid time ended, not when that is known',
  ],
  [
    'call.isRefused = usedMs >= askFromMs(call);',
    'call.isRefused = true;',
    'a refusal far from the paid end is asked again',
  ],
  [
    'call.isRefused = usedMs >= askFromMs(call);',
    'call.isRefused = false;',
    'a refusal just before the paid end is not asked again',
  ],
  ['    end(call, LEDGER_WAIT, at);\n  }', '  }', 'a refusal is an answer: the wait for the ledger is over'],
  [
    'if (call.isRefused && call.balanceMinor >= nextAmountMinor(call)) call.isRefused = false;',
    '',
    'credit in the last second is asked for',
  ],
  [
    'call.balanceMinor >= nextAmountMinor(call)) call',
    'call.balanceMinor > nextAmountMinor(call)) call',
    'credit that just covers the unit is asked for',
  ],
  [
    'call.isRefused && call.balanceMinor >= nextAmountMinor(call)',
    'call.isRefused',
    'credit that does not cover the unit is not asked for',
  ],
);

const DEADLINES = inCore(
  'deadlines.ts',
  [
    'return call.pending ? NEVER : max(call.graceEndsAt',
    'return max(call.graceEndsAt',
    'the grace waits for a restart that is with the ledger',
  ],
  [
    'call.pending ? NEVER : max(call.closesAt',
    'max(call.closesAt',
    'a charge that is out is known before the call closes',
  ],
  ['max(call.closesAt, call.seenAt)', 'NEVER', 'rule 5: the second for the model is over by itself'],
  ['call.changedAt + QUIET_MS', 'call.changedAt', 'the first unit is waited for a moment'],
  [
    '  if (call.isQuiet) return max(call.changedAt + QUIET_MS, call.seenAt);\n',
    '',
    'the wait for the first unit is told',
  ],
  ['? timeOfBillable(call, dueFromMs(call)) : NEVER', '? NEVER : NEVER', 'rule 2: a unit falls due at its millisecond'],
  [
    'call.pending || call.isRefused ? paidUntilMs',
    'call.pending ? paidUntilMs',
    'a refused unit is not asked for again',
  ],
  [
    'call.pending || call.isRefused ? paidUntilMs(call) : askFromMs(call)',
    'paidUntilMs(call)',
    'rule 4: asked for ahead',
  ],
  [
    '  if (!call.isLow && !call.pending) at = min(at, timeOfBillable(call, lowFromMs(call)));\n',
    '',
    'low is told at its millisecond',
  ],
  ['at <= until; at', 'at < until; at', 'a deadline at the very millisecond'],
  ['    call.seenAt = at;\n', '', 'no happening is dated before the last one'],
  [
    'return call.pending ? waitForLedger(call, at) : fundsAreUsedUp(call, at);',
    'return fundsAreUsedUp(call, at);',
    'ledger_wait: a slow ledger is no refusal',
  ],
  [
    'return call.pending ? waitForLedger(call, at) : fundsAreUsedUp(call, at);',
    'return waitForLedger(call, at);',
    'suspended at the end of the paid time',
  ],
);

const BILLABLE = inCore(
  'billable.ts',
  [
    'return call.billableMs + <i64>at - <i64>call.changedAt;',
    'return call.billableMs + <i64>at - <i64>call.changedAt + 1;',
    'rule 1: billable time is 0 at the start',
  ],
  ['  if (!call.running) return call.billableMs;\n', '', 'a pause stops billable time'],
  ['  if (at <= <i64>call.seenAt) return call.seenAt;\n', '', 'nothing is dated before the last happening'],
  ['at < <i64>NEVER ? <i32>at : NEVER', '<i32>at', 'what is further than 24.8 days away has no deadline yet'],
  [
    'call.changedAt >= since && pop(call)',
    'call.changedAt > since + 1_000 && pop(call)',
    'cut back to the moment the fault began',
  ],
  ['while (call.changes > 1 && call.changedAt >= since && pop(call)) {}', '', 'cut back over earlier pauses'],
  ['const from = max(since, call.changedAt);', 'const from = since;', 'never cut below the start'],
  [
    'if (call.running) stop(call, from);',
    'if (call.running) stop(call, call.seenAt);',
    'cut back, not stopped when noticed',
  ],
  [
    'const at = newest + <i32>(target - call.billableMs);',
    'const at = call.seenAt;',
    'suspended when the paid time ended',
  ],
  ['  if (!isMuted()) {', '  if (true) {', 'looking ahead leaves the history alone'],
  ['    keepChange(call, call.changedAt);\n', '', 'a pause is dated back over earlier ones'],
  ['if (!call.running) call.billableMs -=', 'if (call.running) call.billableMs -=', 'the history is read backwards'],
  ['  call.changes--;\n', '', 'what was taken out is gone'],
  ['  rebaseChanges(call, byMs, floor);\n', '', 'beyond 24.8 days: the history moves with the base'],
  [
    '  if (at < <i64>floor && call.running) call.billableMs += <i64>floor - at;\n',
    '',
    'beyond 24.8 days: running time is kept',
  ],
);

const HISTORY = inCore(
  'history.ts',
  ['CHUNK_CHANGES: u32 = 15', 'CHUNK_CHANGES: u32 = 16', 'chunks of two calls do not overlap'],
  ['    firstFree = load<u32>(chunk);\n', '', 'a chunk belongs to one call'],
  ['if (next + CHUNK_BYTES > limit) {', 'if (false) {', 'memory grows for the history'],
  ['  store<u32>(chunk, <u32>firstFree);\n  firstFree = chunk;\n', '', 'memory of calls that are over is used again'],
  ['    giveChunk(chunk);\n  }\n  return at;', '  }\n  return at;', 'memory of what was cut back is used again'],
  ['    giveChunk(chunk);\n  }\n  if (call', '  }\n  if (call', 'memory of a call that is over is used again'],
  ['    store<u32>(chunk, call.olderChanges);\n', '', 'the chunks of a call hang together'],
  ['(left - 1) % CHUNK_CHANGES + 1', 'left % CHUNK_CHANGES', 'beyond 24.8 days: all of the history moves'],
  [
    'store<i32>(at, <i32>max<i64>(<i64>load<i32>(at) - <i64>byMs, <i64>floor));',
    'store<i32>(at, load<i32>(at));',
    'beyond 24.8 days: the changes move with the base',
  ],
);

const FAULTS = 'MODEL_FAULTS: u8 = SLOW_LINK | NO_MEDIA | RECONNECTING | APPLIANCE_RECONNECTING;';
const AT_START = 'NO_MEDIA | RECONNECTING | CLIENT_NO_MEDIA | CLIENT_RECONNECTING | APPLIANCE_RECONNECTING;';

const REASONS = inCore(
  'reasons.ts',
  [FAULTS, 'MODEL_FAULTS: u8 = NO_MEDIA | RECONNECTING | APPLIANCE_RECONNECTING;', 'rule 5: slow_link is the model’s'],
  [
    FAULTS,
    'MODEL_FAULTS: u8 = SLOW_LINK | RECONNECTING | APPLIANCE_RECONNECTING;',
    'rule 5: her no_media is the model’s',
  ],
  [
    FAULTS,
    'MODEL_FAULTS: u8 = SLOW_LINK | NO_MEDIA | APPLIANCE_RECONNECTING;',
    'rule 5: her reconnecting is the model’s',
  ],
  [
    FAULTS,
    'MODEL_FAULTS: u8 = SLOW_LINK | NO_MEDIA | RECONNECTING;',
    'rule 5: the appliance’s fault is not the client’s',
  ],
  [
    FAULTS,
    'MODEL_FAULTS: u8 = SLOW_LINK | NO_MEDIA | RECONNECTING | APPLIANCE_RECONNECTING | CLIENT_NO_MEDIA;',
    'rule 5: the client’s no_media is no way out of the minimum',
  ],
  [
    FAULTS,
    'MODEL_FAULTS: u8 = SLOW_LINK | NO_MEDIA | RECONNECTING | APPLIANCE_RECONNECTING | CLIENT_RECONNECTING;',
    'rule 5: the client’s reconnecting is no way out of the minimum',
  ],
  ['(call.reasons & MODEL_WAIVED) != 0', 'false', 'rule 8: free from now on'],
  [
    'call.reasons & MODEL_FAULTS ? <i64>at - <i64>call.modelFaultSince : 0',
    '<i64>at - <i64>call.modelFaultSince',
    'rule 5: a fault that is over is over',
  ],
);

const PAUSES = inCore(
  'pauses.ts',
  [
    AT_START,
    'RECONNECTING | CLIENT_NO_MEDIA | CLIENT_RECONNECTING | APPLIANCE_RECONNECTING;',
    'her silence at the start is told',
  ],
  [
    AT_START,
    'NO_MEDIA | RECONNECTING | CLIENT_RECONNECTING | APPLIANCE_RECONNECTING;',
    'the client’s silence at the start is told',
  ],
  [
    AT_START,
    'NO_MEDIA | RECONNECTING | CLIENT_NO_MEDIA | CLIENT_RECONNECTING;',
    'after a crash: that nobody is back is told',
  ],
  [`\n  ${AT_START}`, ` 1 | ${AT_START}`, 'after a crash: a slow link is told once'],
  ['  if (call.reasons & reason) return false;\n', '', 'a reason begins once'],
  [
    '  endQuiet(call);\n  const hadFault',
    '  const hadFault',
    'a pause in the wait for the first unit: the wait is told first',
  ],
  ['stopSince(call, min(since, at))', 'stopSince(call, at)', 'a pause is dated back to its fault'],
  ['  if (reason & MODEL_FAULTS) call.modelFaultSince', '  if (false) call.modelFaultSince', 'rule 5: ten seconds'],
  ['if (reason & MODEL_FAULTS) call', 'call', 'rule 5: the ten seconds count from a fault of hers'],
  [
    'hadFault ? min(call.modelFaultSince, from) : from;',
    'from;',
    'rule 5: a second fault does not begin the ten seconds anew',
  ],
  [
    'hadFault ? min(call.modelFaultSince, from) : from;',
    'hadFault ? call.modelFaultSince : from;',
    'rule 5: the ten seconds count from the fault that began first',
  ],
  [
    'hadFault ? min(call.modelFaultSince, from) : from;',
    'min(call.modelFaultSince, from);',
    'rule 5: a fault that is over counts no more',
  ],
  [
    'hadFault ? min(call.modelFaultSince, from) : from;',
    'hadFault ? min(call.modelFaultSince, min(since, at)) : min(since, at);',
    'rule 5: the meter stands from when the call is live at the earliest',
  ],
  ['  call.reasons |= reason;\n', '  call.reasons = reason;\n', 'overlapping reasons are all kept'],
  ['<f64>reason, absolute(from)', '<f64>reason, absolute(at)', 'since when the meter stands is told'],
  ['  if (!(call.reasons & reason)) return false;\n', '', 'only what is in force ends'],
  [
    'const wasQuiet = call.isQuiet && reason == LEDGER_WAIT;',
    'const wasQuiet = false;',
    'a first unit that is answered at once is no pause',
  ],
  ['  call.reasons &= ~reason;\n', '  call.reasons = 0;\n', 'the meter runs when the last reason has ended'],
  ['  runIfNothingPauses(call, at);\n  if (wasQuiet)', '  if (wasQuiet)', 'a pause that is over lets the meter run'],
  ['  if (wasQuiet) emitStarted(call, at);\n  else emit', '  if (!wasQuiet) emit', 'the start of the meter is told'],
  [
    '  call.reasons |= LEDGER_WAIT;\n  call.isQuiet',
    '  call.isQuiet',
    'rule 4: nothing runs before the first unit is posted',
  ],
  ['  call.isQuiet = true;\n', '', 'for a moment nobody is told of the wait for the first unit'],
  ['  stopSince(call, at);\n}', '}', 'the meter starts with the answer for the first unit'],
  [
    'const since = call.changedAt;',
    'const since = call.seenAt;',
    'the wait for the first unit is told from its beginning',
  ],
  ['  emitStarted(call, since);\n', '', 'the start of the meter is told before its wait'],
  ['max(since, call.seenAt)', 'since', 'a wait is told when it is known'],
  ['  call.isStarted = true;\n', '', 'the meter starts once'],
  ['  emitStarted(call, at);\n  emitPauses', '  emitPauses', 'a start into a pause is told'],
  [
    '  emitStarted(call, at);\n  emitPauses(call, at);',
    '  emitStarted(call, at);',
    'what keeps the meter from the first moment is told',
  ],
  ['bit < 256', 'bit < 128', 'after a crash: the appliance’s fault is told'],
  ['call.state == LIVE && call.reasons', 'call.reasons', 'the meter stands in a suspension'],
  ['call.reasons == 0 && !call.running', '!call.running', 'overlapping reasons count once'],
);

const WAIVER = inCore(
  'waiver.ts',
  ['  end(call, LEDGER_WAIT, at);\n  clearLow', '  clearLow', 'rule 8: nothing waits for money'],
  ['  clearLow(call, at);\n', '', 'rule 8: nobody is low'],
  ['  if (!call.pending) releaseAhead(call, at);\n', '', 'rule 8: what was posted ahead goes back at once'],
);

const EVIDENCE = inCore(
  'evidence.ts',
  ['kbps < thresholdKbps', 'kbps <= thresholdKbps', 'slow link: at 12 Mbps is not slow'],
  ['if (slow >= PROBES_DECIDING)', 'if (slow > PROBES_DECIDING)', 'slow link: two of three begin it'],
  ['if (slow >= PROBES_DECIDING)', 'if (slow >= 1)', 'slow link: one is not enough'],
  ['<i32>call.probes - slow >= PROBES_DECIDING', '<i32>call.probes - slow >= 3', 'slow link: two of three end it'],
  [
    '<i32>call.probes - slow >= PROBES_DECIDING',
    '<i32>call.probes - slow >= 1',
    'slow link: one fast probe does not end it',
  ],
  [
    'const index = 31 - clz<i32>(call.slowProbes);',
    'const index = ctz<i32>(call.slowProbes);',
    'slow link: from the first of the slow probes',
  ],
  [
    'const index = 31 - clz<i32>(call.slowProbes);',
    'const index = <i32>call.probes - 1;',
    'slow link: from the first slow one, not the first',
  ],
  ['if (<i32>call.probes < PROBES_JUDGED) call.probes++;', 'call.probes = 3;', 'slow link: before there are three'],
  ['(1 << PROBES_JUDGED) - 1', '(1 << 4) - 1', 'slow link: the last three'],
  [
    'store<i32>(probeSlot(call, i), earlier(load<i32>(probeSlot(call, i))));',
    'load<i32>(probeSlot(call, i));',
    'beyond 24.8 days: probes move with the base',
  ],
);

const LOW_FUNDS = inCore(
  'low-funds.ts',
  [
    'min(call.balanceMinor / rate,',
    'min((call.balanceMinor + rate - 1) / rate,',
    'what a balance covers: whole minutes',
  ],
  [
    '(call.balanceMinor + postedMinor(call)) * 60',
    'call.balanceMinor * 60 + <i64>call.unitsPosted * rate',
    'what a balance covers: exact seconds',
  ],
  ['min(inAll - <i64>call.unitsPosted', 'min(inAll', 'what a balance covers: further seconds'],
  ['return paidUntilMs(call) + unitsAhead', 'return unitsAhead', 'low: paid time and balance together'],
  ['- <i64>lowMs + 1', '- <i64>lowMs + 2', 'low: not a millisecond late'],
  [
    'call.state != LIVE || call.pending ||',
    'call.state != LIVE ||',
    'low is not judged while a charge is with the ledger',
  ],
  ['call.pending || isWaived(call)) return;', 'call.pending) return;', 'low is not judged after a waiver'],
  ['call.state != LIVE || call.pending', 'call.pending', 'low is not judged in a suspension'],
  ['left < <i64>lowMs', 'left <= <i64>lowMs', 'low: less than two minutes'],
  ['  if (isLow == call.isLow) return;\n', '', 'low is told once'],
  ['isLow ? LOW_ON : LOW_OFF', 'LOW_ON', 'more credit clears it'],
  ['  call.isLow = false;\n', '', 'rule 8: nobody is low any more'],
);

const SUSPENSION = inCore(
  'suspension.ts',
  ['  call.state = SUSPENDED;\n', '', 'suspended when the charge is refused'],
  ['  call.isRefused = false;\n', '', 'after a restart the next unit is asked for'],
  ['call.graceEndsAt = at + graceMs;', 'call.graceEndsAt = usedUpAt + graceMs;', 'a slow ledger costs no grace'],
  [
    '  end(call, LEDGER_WAIT, at);\n  emit(SUSPENDED_EVENT',
    '  emit(SUSPENDED_EVENT',
    'a refusal ends the wait for the ledger',
  ],
  ['emit(SUSPENDED_EVENT, call, usedUpAt', 'emit(SUSPENDED_EVENT, call, at', 'suspended at the end of the paid time'],
  ['<f64>call.unitsPosted + 1, absolute', '<f64>call.unitsPosted, absolute', 'the refused unit is told'],
  ['  askLedger(call, at, <i64>call.graceEndsAt - <i64>at);\n', '', 'a restart takes the refused charge'],
  [
    'askLedger(call, at, <i64>call.graceEndsAt - <i64>at)',
    'askLedger(call, at, 0)',
    'how long a restart’s charge has is told',
  ],
  ['  call.state = LIVE;\n', '', 'a restart that is paid is live'],
  ['  runIfNothingPauses(call, at);\n', '', 'after a restart billable time goes on'],
  ['  call.outOfFunds = true;\n', '', 'out of funds is told'],
  ['close(call, BY_CLIENT, at, false)', 'close(call, 2, at, false)', 'rule 5 when the grace runs out'],
  [
    'close(call, BY_CLIENT, at, false)',
    'close(call, BY_CLIENT, at, true)',
    'rule 5: nobody has pressed when the grace runs out',
  ],
  [
    'max<i64>(<i64>call.graceEndsAt - <i64>at, 0)',
    '<i64>call.graceEndsAt - <i64>at',
    'the grace is never less than nothing',
  ],
);

const ENDING = inCore(
  'ending.ts',
  ['  endQuiet(call);\n', '', 'an end in the wait for the first unit: the wait is told'],
  ['if (call.running) stop(call, at);', 'if (call.running) call.running = false;', 'the length of the call'],
  ['  call.endedBy = by;\n', '', 'who ended it'],
  [
    'call.minimumCapMinor = call.balanceMinor + postedMinor(call) - chargedMinor(call);',
    'call.minimumCapMinor = call.balanceMinor;',
    'rule 5: a unit that goes back is the client’s again',
  ],
  [
    'call.minimumCapMinor = call.balanceMinor + postedMinor(call) - chargedMinor(call);',
    'call.minimumCapMinor = i64.MAX_VALUE;',
    'rule 5: no more than the balance at that moment',
  ],
  ['isHangUp && whyMinimum(call) == REST_DUE ?', 'isHangUp ?', 'rule 5: nothing is waited for where no minimum is due'],
  [
    'isHangUp && whyMinimum(call) == REST_DUE ?',
    'whyMinimum(call) == REST_DUE ?',
    'rule 5: who was merely gone has not ended it',
  ],
  ['isHangUp && whyMinimum(call) == REST_DUE ?', 'false ?', 'rule 5: both end it within a second'],
  ['call.closesAt <= call.endedAt || ', '', 'rule 5: both: only where the minimum waits'],
  [' || at > call.closesAt) return false', ') return false', 'rule 5: both: a second, though the ledger takes longer'],
  ['  call.endedBy = BY_MODEL;\n', '', 'rule 5: both end it, and the model ended it'],
  ['  call.closesAt = call.endedAt;\n', '', 'rule 5: both end it, and it closes at once'],
  ['  emit(ENDED_BY_BOTH, call, at, call.billableMs);\n', '', 'rule 5: that both ended it is told'],
  ['if (!call.pending && call.closesAt', 'if (call.closesAt', 'a charge that is out is known before the call closes'],
  ['!call.pending && call.closesAt <= at', '!call.pending', 'rule 5: the minimum waits for the model’s second'],
  ['  releaseAhead(call, call.endedAt);\n', '', 'rule 4: what never fell due goes back at the end'],
  [
    'min(minimumRestMinor(call), call.minimumCapMinor)',
    'minimumRestMinor(call)',
    'rule 5: as far as the balance covers it',
  ],
  ['if (rest > 0) {', 'if (rest >= 0) {', 'rule 5: a rest of nothing is none'],
  ['if (rest > 0) {', 'if (false) {', 'rule 5: the rest of the minimum falls due'],
  [
    'MINIMUM_DUE, call, call.endedAt',
    'MINIMUM_DUE, call, call.seenAt',
    'the minimum falls due when the call was ended',
  ],
  ['    call,\n    call.endedAt,', '    call,\n    call.seenAt,', 'the end is when it was ended'],
  ['(why << 1) | <i32>call.outOfFunds', 'why << 1', 'out of funds is told at the end'],
  ['return call.wasLive ? ', 'return true ? ', 'rule 5: not for a call that never began'],
  ['<i64>call.minimumMin - chargedMinor(call) : 0', '<i64>call.minimumMin : 0', 'rule 5: less what was charged'],
  [
    '<i64>call.minimumMin - chargedMinor(call) : 0',
    '<i64>call.minimumMin - postedMinor(call) : 0',
    'rule 5: a unit that goes back is no part of the minimum',
  ],
  ['  if (call.endedBy == BY_MODEL) return MODEL_ENDED;\n', '', 'rule 5: why no minimum is taken is told'],
  ['  if (call.endedBy != BY_CLIENT) return APPLIANCE_ENDED;\n', '', 'rule 5: only if the client ended it'],
  ['  if (isWaived(call)) return WAIVED;\n', '', 'rule 5: not after a waiver'],
  [
    'modelFaultMs(call, call.endedAt) >= MODEL_FAULT_MS ? MODEL_FAULT : REST_DUE',
    'REST_DUE',
    'rule 5: not while the model’s side has failed',
  ],
  [
    'modelFaultMs(call, call.endedAt) >= MODEL_FAULT_MS',
    'modelFaultMs(call, call.endedAt) > MODEL_FAULT_MS',
    'rule 5: for ten seconds or more',
  ],
  [
    'modelFaultMs(call, call.endedAt)',
    'modelFaultMs(call, call.seenAt)',
    'rule 5: the ten seconds are over when the client leaves, not later',
  ],
  [
    'if (minimumRestMinor(call) <= 0)',
    'if (minimumRestMinor(call) < 0)',
    'rule 5: a minimum that is charged leaves no rest',
  ],
);

const CALLS = inCore(
  'calls.ts',
  ['<u64>call.generation == bits >> SLOT_BITS', 'true', 'a stale handle touches nothing'],
  ['call.state != FREE && ', '', 'a released handle is stale at once'],
  ['call.generation = generation;', 'call.generation = 1;', 'a used slot is another call'],
  ['  if (slot >= slotsUsed) return -1;\n', '', 'a handle that never was'],
  ['return next == 0 ? 1 : next;', 'return 0;', 'generations differ'],
  ['  memory.fill(changetype<usize>(call), 0, CALL_BYTES);\n', '', 'a used slot begins empty'],
  ['  dropHistory(call);\n', '', 'a call that is over gives its history back'],
  ['  call.nextFree = firstFree;\n', '', 'all free slots are found again'],
  [
    'const end = records + <usize>(capacity + 1) * CALL_BYTES;',
    'const end = records + <usize>capacity * CALL_BYTES;',
    'the record for looking ahead is no call’s and no history',
  ],
);

const SCHEDULER = inCore(
  'scheduler.ts',
  ['      if (!hasRoom()) return slot + i;\n', '', 'the ring never overflows'],
  ['> now) continue;', '>= now) continue;', 'ticked at its very deadline'],
  ['i32x4.le_s(', 'i32x4.lt_s(', 'found at its very deadline'],
  [
    'i32x4.min_s(i32x4.min_s(least, v128.load(p, 32)), v128.load(p, 48))',
    'i32x4.min_s(least, v128.load(p, 32))',
    'every call of a block is looked at',
  ],
  ['p + 128), p + 192)', 'p + 128), p + 128)', 'every call of a block is looked at, the last too'],
  ['    call.seenAt = earlier(call.seenAt);\n', '', 'beyond 24.8 days: times move with the base'],
  ['    call.graceEndsAt = earlier(call.graceEndsAt);\n', '', 'beyond 24.8 days: the grace moves with the base'],
  ['    call.endedAt = earlier(call.endedAt);\n', '', 'beyond 24.8 days: the end moves with the base'],
  ['    call.closesAt = earlier(call.closesAt);\n', '', 'beyond 24.8 days: the model’s second moves with the base'],
  [
    '    call.modelFaultSince = earlier(call.modelFaultSince);\n',
    '',
    'beyond 24.8 days: the ten seconds move with the base',
  ],
  ['    rebaseHistory(call, REBASE_MS, -REBASE_MS);\n', '', 'beyond 24.8 days: billable time goes on'],
  ['    rebaseProbes(call);\n', '', 'beyond 24.8 days: probes move with the base'],
  ['    setDeadline(slot, nextDeadline(call));\n  }\n}', '  }\n}', 'beyond 24.8 days: deadlines move with the base'],
  ['    if (call.state == FREE) continue;\n', '    continue;\n', 'beyond 24.8 days: every call is moved'],
  ['least = i32x4.min_s(least, v128.load(p))', 'least = v128.load(p)', 'the earliest deadline of all'],
);

const TIME_BASE = inCore('time-base.ts', [
  'max<f64>(atMs - baseMs, -(<f64>REBASE_MS))',
  'max<f64>(atMs - baseMs, -1_000.0)',
  'a fault long ago',
]);

const INPUTS = inCore(
  'index.ts',
  [
    'call.wasLive = wasLive || unitsPosted > 0 || billableMs > 0;',
    'call.wasLive = wasLive;',
    'rule 5 for a call found again: it had begun',
  ],
  [
    'call.wasLive = wasLive || unitsPosted > 0 || billableMs > 0;',
    'call.wasLive = unitsPosted > 0 || billableMs > 0;',
    'rule 5 for a call found again before its first unit',
  ],
  ['  countFreeUnits(call);\n', '', 'after a crash: free seconds are counted'],
  [
    '  call.billableMs = min(call.billableMs, paidUntilMs(call));\n',
    '',
    'after a crash: more than is paid for is nobody’s debt',
  ],
  ['  call.reasons = <u8>reasons;\n', '', 'after a crash: waiver and slow link stay'],
  [
    '  call.modelFaultSince = at;\n  call.seenAt',
    '  call.seenAt',
    'rule 5 for a call found again: the ten seconds count from there',
  ],
  [
    '  call.seenAt = at;\n  if (call.state == SUSPENDED)',
    '  if (call.state == SUSPENDED)',
    'nothing is dated before the call was found again',
  ],
  ['call.graceEndsAt = at + <i32>graceLeftMs;', 'call.graceEndsAt = at;', 'after a crash: the grace that was left'],
  [
    '    call.wasLive = true;\n    emitPauses(call, at);\n',
    '    call.wasLive = true;\n',
    'after a crash: what keeps a suspended call’s meter is told',
  ],
  [
    '  setDeadline(slot, nextDeadline(call));\n  return handleOf(call);',
    '  return handleOf(call);',
    'after a crash: the grace runs on',
  ],
  ['  if (call.state != OPENED) return WRONG_STATE;\n', '', 'rule 1: a call starts once'],
  ['  call.wasLive = true;\n  beginHistory', '  beginHistory', 'rule 5: a call that was live has begun'],
  [
    'beginHistory(call, admittedAt, call.reasons == 0)',
    'beginHistory(call, admittedAt, true)',
    'a pause in force holds the start',
  ],
  ['  call.modelFaultSince = admittedAt;\n', '', 'rule 5: the ten seconds count from the start at the earliest'],
  ['!call.running || call.unitsPosted > 0', 'call.unitsPosted > 0', 'a start into a pause is told at once'],
  ['!call.running || call.unitsPosted > 0', '!call.running', 'a call found again starts at once'],
  ['  if (call.state != LIVE) return WRONG_STATE;\n', '', 'rule 8: no waiver while suspended'],
  ['  if (call.state == CLOSED) return WRONG_STATE;\n', '', 'a closed call takes nothing'],
  ['  call.balanceMinor = <i64>balanceMinor;\n  askAgain', '  askAgain', 'the ledger’s word on the balance'],
  ['  askAgainIfCovered(call);\n', '', 'credit in the last second is asked for'],
  ['  if (call.state != SUSPENDED) return WRONG_STATE;\n', '', 'only a suspended call is restarted'],
  ['  if (call.pending) return NO_CHANGE;\n', '', 'a restart asks once'],
  ['  askToRestart(call, admittedAt);\n', '', 'a restart asks'],
  [
    '  if (call.state == CLOSING && <u8>by == BY_MODEL && endedByModelToo(call, admittedAt)) return done(call);\n',
    '',
    'rule 5: both end it within a second',
  ],
  [
    'call.state == CLOSING && <u8>by == BY_MODEL &&',
    'call.state == CLOSING &&',
    'rule 5: both: the second is the model',
  ],
  ['  if (call.state == CLOSING || call.state == CLOSED) return WRONG_STATE;\n', '', 'a call ends once'],
  [
    'close(call, <u8>by, admittedAt, isHangUp)',
    'close(call, <u8>by, admittedAt, true)',
    'rule 5: who is gone has not pressed',
  ],
  ['  if (callAt(slot).state != CLOSED) return WRONG_STATE;\n', '', 'only a closed call gives its slot back'],
  ['const call = scratch();\n  copyCall(call, callAt(slot));', 'const call = callAt(slot);', 'looking changes nothing'],
  ['  mute(true);\n', '', 'looking tells nothing'],
  [
    'call.isQuiet ? call.reasons & ~LEDGER_WAIT : call.reasons',
    'call.reasons',
    'the wait for the first unit is no pause that anybody sees',
  ],
  ['isWaived(call) ? -1 : <f64>timeLeftMs(call, at)', '<f64>timeLeftMs(call, at)', 'rule 8: no time runs out any more'],
  [
    'call.state == SUSPENDED ? <f64>graceLeftMs(call, at) : -1',
    '<f64>graceLeftMs(call, at)',
    'a grace is shown in a suspension only',
  ],
  ['call.pending ? <f64>nextAmountMinor(call) : 0, 88', '0, 88', 'what is with the ledger is shown'],
  [
    'store<f64>(figuresPtr, <f64>call.unitsPosted, 96)',
    'store<f64>(figuresPtr, <f64>call.unitsCharged, 96)',
    'what is posted ahead is shown',
  ],
  [
    'return call.pending ? <f64>call.unitsPosted + 1 : 0;',
    'return <f64>call.unitsPosted + 1;',
    'only what is with the ledger is asked for again',
  ],
  ['  if (!hasRoom()) return RING_FULL;\n', '', 'an input makes sure of room'],
  [
    'const at = max(relative(atMs), call.seenAt);\n  settle(call, at);\n  admitted',
    'const at = max(relative(atMs), call.seenAt);\n  admitted',
    'time passes before an input takes effect',
  ],
  [
    'const at = max(relative(atMs), call.seenAt);\n  settle(call, at);\n  admitted',
    'const at = relative(atMs);\n  settle(call, at);\n  admitted',
    'a late input counts as of the last happening',
  ],
  ['  call.seenAt = admittedAt;\n', '', 'no input is dated before the one before'],
  ['  judgeLow(call, admittedAt);\n', '', 'credit clears the warning at once'],
  ['  settle(call, admittedAt);\n', '', 'what an input makes due falls due at once'],
  ['unit == <f64>call.unitsPosted + 1', 'true', 'rule 4: only the answer to this unit counts'],
  ['return call.pending && unit', 'return unit', 'rule 4: an answer counts once'],
);

export const CORE: MutatedModule = {
  says: 'the charging rules as a machine (core-wasm/assembly)',
  suites: [
    { name: 'rules', entry: 'test/core/rules.test.ts' },
    { name: 'host', entry: 'test/core/host.test.ts' },
    { name: 'scenarios', entry: 'test/core/scenarios.test.ts', cpuSMax: 180 },
  ],
  mutants: [
    ...LIMITS,
    ...TARIFF,
    ...CHARGES,
    ...LEDGER_ANSWERS,
    ...DEADLINES,
    ...BILLABLE,
    ...HISTORY,
    ...REASONS,
    ...PAUSES,
    ...WAIVER,
    ...EVIDENCE,
    ...LOW_FUNDS,
    ...SUSPENSION,
    ...ENDING,
    ...CALLS,
    ...SCHEDULER,
    ...TIME_BASE,
    ...INPUTS,
  ],
};
