import { inFile, type MutatedModule } from './mutant.ts';

const inReceipt = (file: string, ...mutants: [find: string, replace: string, breaks: string][]) =>
  inFile(`server/receipt/${file}`, ...mutants);

const TARIFF = inReceipt(
  'tariff.ts',
  ['60_000 : 1_000', '60_001 : 1_000', 'rule 2: a minute is 60 000 ms'],
  ['60_000 : 1_000', '60_000 : 1_001', 'rule 3: a second is 1 000 ms'],
  ['(product + 59n) / 60n', 'product / 60n', 'rule 3: rounded up'],
  ['(product + 59n) / 60n', '(product + 60n) / 60n', 'rule 3: the ceiling'],
  [
    'priceOfUnits(terms, unit) - priceOfUnits(terms, unit - 1)',
    'priceOfUnits(terms, 1)',
    'rule 3: the difference to what was paid before',
  ],
  ['  while (priceOfUnit(terms, next) === 0) next++;\n', '', 'rule 3: a second of a cheap rate is free'],
  ['* BigInt(sharePercent)) / 100n', '* BigInt(sharePercent) + 99n) / 100n', 'rule 7: the split is rounded down'],
);

const TIMELINE = inReceipt(
  'timeline.ts',
  [
    'change.isRunning ? Math.max(0, atMs - change.atMs) : 0',
    'Math.max(0, atMs - change.atMs)',
    'a pause stops billable time',
  ],
  [
    '    while (this.#changes.length > 1 && this.#last.atMs >= sinceMs) this.#changes.pop();\n',
    '',
    'a pause is dated back over earlier ones',
  ],
);

const LINES = inReceipt(
  'lines.ts',
  [
    "    if (kind === 'recovered') clockMs = Number.NEGATIVE_INFINITY;\n",
    '',
    'after a restart of the machine the clock begins anew',
  ],
  ['if (seen.has(seq)) faults', 'if (false) faults', 'no line stands twice'],
  ['else if (seq < expected) faults', 'else if (false) faults', 'no line stands too late'],
  ['else if (seq > expected)', 'else if (false)', 'no line is missing'],
  ['if (monoMs < clockMs)', 'if (false)', 'the clock does not go back'],
  ["if (isClosed && kind === 'closed') faults", 'if (false) faults', 'a call closes once'],
  ['else if (isClosed && !AFTER_CLOSE.has(kind))', 'else if (false)', 'nothing comes after the end'],
  ["new Set(['released', 'minimum', 'media'])", "new Set(['released', 'minimum'])", 'media is no time of the meter'],
  ["new Set([...BESIDE, 'probed'])", 'new Set(BESIDE)', 'a probe may end after the call'],
  ["    if (line.kind === 'recovered') runs.push([]);\n", '', 'each run of the appliance has its own clock'],
  [
    'rank(a) - rank(b) || a.atMs - b.atMs || a.seq - b.seq',
    'a.seq - b.seq',
    'what happened first counts first, though it was written later',
  ],
);

const EVIDENCE = inReceipt(
  'evidence.ts',
  ['PROBES_DECIDING = 2', 'PROBES_DECIDING = 1', 'slow link: two of three'],
  ['PROBES_DECIDING = 2', 'PROBES_DECIDING = 3', 'slow link: two of three are enough'],
  ['PROBES_JUDGED = 3', 'PROBES_JUDGED = 4', 'slow link: the last three'],
  ['UNANSWERED_DECIDING = 5', 'UNANSWERED_DECIDING = 6', 'slow link: five without an answer'],
  ['UNANSWERED_DECIDING = 5', 'UNANSWERED_DECIDING = 4', 'slow link: five without an answer, not four'],
  ["    if (verdict === 'inconclusive') return;\n", '', 'slow link: an inconclusive probe counts for nothing'],
  ['Number(kbps) < Number(thresholdKbps)', "verdict === 'fail'", 'slow link: what came through counts'],
  [
    "doubt === 'no_report' ? [...this.#unanswered, detail].slice(-UNANSWERED_DECIDING) : []",
    '[...this.#unanswered, detail].slice(-UNANSWERED_DECIDING)',
    'slow link: an answer ends the row',
  ],
  ['Math.min(PROBES_DECIDING, this.#judged.length) && fast > 0', '0', 'slow link: ends by fast probes'],
  ['this.#isUnanswered() ? this.#unanswered : ', '', 'the probes that were not answered are the evidence'],
);

const MINIMUM = inReceipt(
  'minimum.ts',
  ['MODEL_FAULT_MS = 10_000', 'MODEL_FAULT_MS = 9_000', 'rule 5: ten seconds on the model’s side, not less'],
  ['MODEL_FAULT_MS = 10_000', 'MODEL_FAULT_MS = 11_000', 'rule 5: ten seconds on the model’s side'],
  [
    'terms.rateMinor * terms.minimumMin - ending.chargedMinor',
    'terms.rateMinor * terms.minimumMin',
    'rule 5: less what was charged',
  ],
  ['ending.wasLive ? ', 'true ? ', 'rule 5: not for a call that never began'],
  ['if (said !== undefined && said !== why)', 'if (false)', 'rule 5: the reason in the log is judged'],
  ["typeof cap === 'number' ? cap : rest", 'rest', 'rule 5: as far as the balance covers it'],
  ["why === 'due' ? Math.min", 'true ? Math.min', 'rule 5: nothing is due for another reason'],
  ['said !== undefined && claimed !== dueMinor', 'false', 'rule 5: what the log says is due is judged'],
  ['  if (second) fault', '  if (false) fault', 'rule 5: the minimum is taken once'],
  ["if (first && why !== 'due')", 'if (false)', 'rule 5: a minimum that is not due is found'],
  ['else if (first && amountMinor > dueMinor)', 'else if (false)', 'rule 5: no more than the rest'],
  ["  if (rest <= 0) return 'none';\n", '', 'rule 5: a minimum that is charged leaves no rest'],
  ["  if (endedBy === 'model') return 'model_ended';\n", '', 'rule 5: the model ended it'],
  ["  if (endedBy !== 'client') return 'appliance_ended';\n", '', 'rule 5: only if the client ended it'],
  ["  if (isWaived) return 'waived';\n", '', 'rule 5: not after a waiver'],
  [
    "  if (faultMs.least >= MODEL_FAULT_MS) return 'model_fault';\n",
    '',
    'rule 5: a fault of ten seconds is one, whatever the log says',
  ],
  [
    'said === undefined || faultMs.most < MODEL_FAULT_MS',
    'said === undefined',
    'rule 5: a fault of less than ten seconds is none, whatever the log says',
  ],
);

const RECOMPUTE = inReceipt(
  'recompute.ts',
  ['ROUNDING_MS = 1', 'ROUNDING_MS = 10', 'billable time agrees to the millisecond'],
  ['OLD_TOLERANCE_MS = 5_000', 'OLD_TOLERANCE_MS = 0', 'a log of an older version is known less exactly'],
  ['const AHEAD_MS = 1_000', 'const AHEAD_MS = 900', 'rule 4: posted a second ahead'],
  ['CUT_BACK_MS_MAX = 5_000', 'CUT_BACK_MS_MAX = 500_000', 'a pause never rewinds by more than its notice'],
  [
    "NO_CUT_BEYOND: ReadonlySet<string> = new Set(['no_media', 'client_no_media'])",
    'NO_CUT_BEYOND: ReadonlySet<string> = new Set()',
    'missing media rewinds by its notice only',
  ],
  ['BOTH_END_MS = 1_000', 'BOTH_END_MS = 100', 'rule 5: both end it within a second'],
  ['MEDIA_BEYOND_MS = 5_000', 'MEDIA_BEYOND_MS = 4_000', 'the budget: more than 5 s beyond it'],
  [
    "STAY_OVER_RESTART = ['slow_link', 'model_waived']",
    "STAY_OVER_RESTART = ['slow_link']",
    'after a crash: a waiver stays',
  ],
  [
    "STAY_OVER_RESTART = ['slow_link', 'model_waived']",
    "STAY_OVER_RESTART = ['model_waived']",
    'after a crash: a slow link stays',
  ],
  [
    "['slow_link', 'no_media', 'reconnecting', 'appliance_reconnecting']",
    "['no_media', 'reconnecting', 'appliance_reconnecting']",
    'rule 5: slow_link is the model’s',
  ],
  [
    "['slow_link', 'no_media', 'reconnecting', 'appliance_reconnecting']",
    "['slow_link', 'reconnecting', 'appliance_reconnecting']",
    'rule 5: her no_media is the model’s',
  ],
  [
    "['slow_link', 'no_media', 'reconnecting', 'appliance_reconnecting']",
    "['slow_link', 'no_media', 'appliance_reconnecting']",
    'rule 5: her reconnecting is the model’s',
  ],
  [
    "['slow_link', 'no_media', 'reconnecting', 'appliance_reconnecting']",
    "['slow_link', 'no_media', 'reconnecting']",
    'rule 5: the appliance’s fault is not the client’s',
  ],
  [
    "['slow_link', 'no_media', 'reconnecting', 'appliance_reconnecting']",
    "['slow_link', 'no_media', 'reconnecting', 'appliance_reconnecting', 'client_no_media']",
    'rule 5: the client’s no_media is no way out of the minimum',
  ],
  ['    this.#judgeEnd();\n', '', 'the end is judged'],
  [
    '    for (const line of taken) this.#addUnit(line, 0, Number(line.detail.amountMinor));\n',
    '',
    'rule 5: what was taken of the minimum is charged',
  ],
  ['this.#chargedMinor - modelMinor,', 'this.#chargedMinor,', 'rule 7: the rest goes to the studio'],
  ["this.#lines.filter(({ kind }) => kind === 'refused').length", '0', 'refused attempts are counted'],
  [
    'unitsChargedBeforeNoticed: this.#early.size',
    'unitsChargedBeforeNoticed: 0',
    'units charged before a pause was noticed are counted',
  ],
  ['        if (this.#suspendedUnit === null)\n', '        if (false)\n', 'a grace ends only where one began'],
  ['        this.#isGraceOver = true;\n', '', 'out of funds: the grace ran out'],
  [
    "if (this.#isStarted && !isFirstUnit) this.#fault('started_twice'",
    "if (false) this.#fault('started_twice'",
    'rule 1: a call starts once',
  ],
  [
    '    if (this.#modelFaultMs !== null) this.#modelFaultMs = line.atMs;\n',
    '',
    'rule 5: the ten seconds count from the start at the earliest',
  ],
  [
    'new Timeline(line.atMs, baseMs, this.#reasons.size === 0)',
    'new Timeline(line.atMs, baseMs, true)',
    'a pause in force holds the start',
  ],
  [
    'this.#downtimeMs += downtimeMs;',
    'this.#downtimeMs = downtimeMs;',
    'the time in which the appliance was down, all of it',
  ],
  [
    'this.#timeline = new Timeline(line.atMs, baseMs, false);',
    'this.#timeline = new Timeline(line.atMs, baseMs, true);',
    'after a crash: nothing runs before both are back',
  ],
  [
    '    this.#isStarted = false;\n    this.#isFoundAgain',
    '    this.#isFoundAgain',
    'after a crash: the call starts again',
  ],
  [
    'saidMs > knownMs && saidMs - knownMs <= downtimeMs',
    'true',
    'after a crash: no more than what ran while nothing was durable',
  ],
  [
    '      this.#aheadUnits.push({ unit, line });\n',
    '',
    'a unit that was posted before a crash is charged or given back',
  ],
  [
    "    this.#fault('recovered_elsewhere'",
    "    if (false) this.#fault('recovered_elsewhere'",
    'after a crash: billable time goes on where it stood',
  ],
  [
    "if (this.#reasons.has(reason)) this.#fault('paused_twice'",
    "if (false) this.#fault('paused_twice'",
    'a pause begins once',
  ],
  ['    if (fromMs > line.atMs + this.#tolerance(line))\n', '    if (false)\n', 'a pause begins before it is noticed'],
  ["if (reason === 'slow_link' && !this.#evidence.isSlow())", 'if (false)', 'slow link: not without its evidence'],
  [
    '    this.#reach(line.atMs);\n    const noticedMs',
    '    const noticedMs',
    'what was charged before a cut back was used',
  ],
  [
    'this.#timeline.standSince(Math.min(fromMs, line.atMs));',
    'this.#timeline.standSince(line.atMs);',
    'a pause is dated back to its fault',
  ],
  [
    'const cutBackMs = noticedMs - this.#timeline.at(line.atMs);',
    'const cutBackMs = 0;',
    'how far a pause cut back is shown',
  ],
  ["    if (reason === 'model_waived') this.#isWaived = true;\n", '', 'rule 8: free from now on'],
  [
    'if (MODEL_SIDE.has(reason)) this.#modelFaultMs',
    'if (false) this.#modelFaultMs',
    'rule 5: a fault on the model’s side',
  ],
  [
    'Math.min(this.#modelFaultMs ?? fromMs, fromMs)',
    'fromMs',
    'rule 5: a second fault does not begin the ten seconds anew',
  ],
  [
    'Math.min(this.#modelFaultMs ?? fromMs, fromMs)',
    'this.#modelFaultMs ?? fromMs',
    'rule 5: the ten seconds count from the fault that began first',
  ],
  [
    "if (!this.#reasons.has(reason)) this.#fault('resumed_without_pause'",
    "if (false) this.#fault('resumed_without_pause'",
    'a pause ends only where one began',
  ],
  ["if (reason === 'model_waived') this.#fault(", 'if (false) this.#fault(', 'rule 8: a waiver never ends'],
  ["if (reason === 'slow_link' && !this.#evidence.isFast())", 'if (false)', 'slow link: ends by its evidence'],
  [
    '    if (![...this.#reasons].some((each) => MODEL_SIDE.has(each))) this.#modelFaultMs = null;\n',
    '',
    'rule 5: a fault that is over is over',
  ],
  [
    '    this.#runIfNothingPauses(line);\n    this.#judgeClaim(line);\n  }\n\n  #endPause',
    '    this.#judgeClaim(line);\n  }\n\n  #endPause',
    'billable time goes on after a pause',
  ],
  ['    pause.to = line.at;\n', '', 'the end of a pause is shown'],
  [
    "    if (reason === 'slow_link') pause.evidence = [...new Set([...pause.evidence, ...this.#evidence.deciding])];\n",
    '',
    'the probes that ended slow_link are shown',
  ],
  [
    'this.#suspendedUnit === null && this.#reasons.size === 0',
    'this.#reasons.size === 0',
    'the meter stands in a suspension',
  ],
  [
    'this.#suspendedUnit === null && this.#reasons.size === 0',
    'this.#suspendedUnit === null',
    'overlapping reasons count once',
  ],
  ['if (line.monoMs !== null && !this.#isRefused(unit, line.seq))', 'if (false)', 'suspended only for a refused unit'],
  ['if (usedMs < paidMs - this.#tolerance(line))', 'if (false)', 'suspended at the end of the paid time, not before'],
  [
    '    this.#timeline.standSince(line.atMs);\n    this.#suspendedUnit = unit;\n',
    '    this.#suspendedUnit = unit;\n',
    'the meter stands when the money has run out',
  ],
  [
    'if (this.#suspendedUnit === null || unit !== this.#suspendedUnit)\n',
    'if (false)\n',
    'a restart only after a suspension',
  ],
  ['    this.#judgePrice(line);\n    const expected', '    const expected', 'a unit costs what the law says'],
  [
    'if (this.#units.some((each) => each.unit === unit))\n      this.#fault',
    'if (false)\n      this.#fault',
    'rule 4: a unit is charged once',
  ],
  [
    "else if (unit < expected) this.#fault('unit_out",
    "else if (false) this.#fault('unit_out",
    'units follow each other',
  ],
  [
    "else if (unit > expected) this.#fault('unit_skipped",
    "else if (false) this.#fault('unit_skipped",
    'no unit is skipped',
  ],
  ['    this.#judgeMoment(line, unit);\n', '', 'a unit is charged when it is due'],
  [
    'const dueMs = (unit - 1) * this.#unitMs + 1;',
    'const dueMs = (unit - 2) * this.#unitMs + 1;',
    'rule 2: a unit falls due when it begins',
  ],
  [
    "if (this.#isWaived) this.#fault('charged_after",
    "if (false) this.#fault('charged_after",
    'rule 8: nothing is charged after a waiver',
  ],
  [
    "    if (this.#suspendedUnit !== null)\n      this.#fault('charged_while_suspended",
    "    if (false)\n      this.#fault('charged_while_suspended",
    'nothing is charged in a suspension',
  ],
  [
    '    if (usedMs < dueMs - this.#tolerance(line))\n',
    '    if (false)\n',
    'rule 2: nothing is charged before it is due',
  ],
  ['if (line.monoMs !== null && isStanding && !isOfBefore)', 'if (false)', 'nothing is charged while the meter stands'],
  [
    "if (amountMinor !== due) this.#fault('wrong_amount'",
    "if (false) this.#fault('wrong_amount'",
    'a unit costs what the law says, to the unit',
  ],
  [
    'modelPartOf(this.#terms, this.#chargedMinor) - before',
    'modelPartOf(this.#terms, amountMinor)',
    'rule 7: the split is of the sum, not of each charge',
  ],
  [
    '    this.#timeline.standSince(line.atMs);\n    for (const pause',
    '    for (const pause',
    'nothing runs after the end',
  ],
  ['pause.to ??= line.at', 'pause.to = line.at', 'a pause that is over has its own end'],
  [
    'if (Math.abs(offsetMs - this.#offsetMs) <= this.#tolerance(line)) return;',
    'return;',
    'the log’s billable time is judged',
  ],
  [
    "=== 'ended_by_both') ? 'model' :",
    "=== 'ended_by_both') ? 'client' :",
    'rule 5: both end it, and the model ended it',
  ],
  ['isWaived: this.#isWaived,', 'isWaived: false,', 'rule 5: not after a waiver'],
  ['this.#wasLive || this.#lastUnit > 0,', 'true,', 'rule 5: not for a call that never began'],
  [
    'isUnlogged ? { least: 0, most: Number.POSITIVE_INFINITY } : {',
    'false ? { least: 0, most: 0 } : {',
    'after a crash: whose fault it was until both are back is not told',
  ],
  ['if (this.#wasLive || this.#units.length > 0)', 'if (false)', 'a log has its end'],
  ['if (firstUnpaid <= unitsUsed)', 'if (false)', 'what is used is charged'],
  [
    'Math.ceil((this.#highMs - this.#tolerance(closed)) / this.#unitMs)',
    'Math.floor(this.#highMs / this.#unitMs)',
    'each started unit is charged',
  ],
  [
    'if (priceOfUnits(this.#terms, Number(unitsCharged)) !== priceOfUnits(this.#terms, this.#lastUnit))',
    'if (false)',
    'the last line counts as the lines above it',
  ],
  ['if (endedBy !== this.#endedBy()) wrong', 'if (false) wrong', 'the last line names who ended it'],
  ["if (!['client', 'model', 'appliance'].includes(String(endedBy))) wrong", 'if (false) wrong', 'somebody ended it'],
  ['if (Boolean(outOfFunds) !== this.#isGraceOver) wrong', 'if (false) wrong', 'out of funds: the grace ran out'],
  ["if (outOfFunds && endedBy !== 'client')", 'if (false)', 'out of funds is the client’s end'],
  [
    'if (both && (both.atMs < closed.atMs || both.atMs - closed.atMs > BOTH_END_MS))',
    'if (false)',
    'rule 5: both end it within a second, not more',
  ],
  [
    "if (units.has(unit)) this.#fault('released_twice'",
    "if (false) this.#fault('released_twice'",
    'rule 4: a unit goes back once',
  ],
  [
    "      if (this.#units.some((each) => each.unit === unit))\n        this.#fault('released_and",
    "      if (false)\n        this.#fault('released_and",
    'rule 4: what goes back is not charged',
  ],
  [
    'if (this.#closed && !units.has(unit) && !this.#units.some((each) => each.unit === unit))',
    'if (false)',
    'rule 4: what was posted ahead is charged or goes back',
  ],
  [
    'if (Number(beyondMs) !== (overMs > MEDIA_BEYOND_MS ? overMs : 0))',
    'if (false)',
    'the budget: media beyond it is told',
  ],
);

const COMPARE = inReceipt(
  'compare.ts',
  ['[...receipt.faults, ...differences]', '[...receipt.faults]', 'log and ledger are compared'],
  ['[...receipt.faults, ...differences]', '[...differences]', 'the log itself is judged'],
  ['if (inLedger.has(transfer.unit)) fault', 'if (false) fault', 'a unit stands once in the ledger'],
  ['    inLedger.delete(unit);\n', '', 'a unit of both is no unit of the ledger alone'],
  ["fault('not_in_ledger', ", "void ('not_in_ledger', ", 'what is in the log is in the ledger'],
  ['if (transfer.amountMinor !== amountMinor)', 'if (false)', 'the ledger has the amount'],
  [
    'if (transfer.amountMinor !== amountMinor)',
    'if (transfer.amountMinor > amountMinor)',
    'the ledger has the amount, and not less',
  ],
  ['if (transfer.transferId !== transferId)', 'if (false)', 'the log names its transfer'],
  ['if (receipt.isOldFormat && terms) shares', 'if (terms) shares', 'rule 7: the split is of the sum'],
  ['if (receipt.isOldFormat && terms) shares', 'if (false) shares', 'calls of older versions were split one by one'],
  ['if (!shares.includes(transfer.shareMinor))', 'if (false)', 'rule 7: the model has her part'],
  [
    '  for (const { unit, transferId } of inLedger.values())\n',
    '  for (const { unit, transferId } of [] as LedgerTransfer[])\n',
    'what is in the ledger is in the log',
  ],
  ['  compareReleases(receipt, releases, fault);\n', '', 'rule 4: what was given back is compared'],
  ['    known.delete(unit);\n', '', 'what both gave back is in both'],
  [
    "fault('release_not_in_ledger', ",
    "void ('release_not_in_ledger', ",
    'rule 4: what the log gives back is given back',
  ],
  ['release.amountMinor !== amountMinor ||', 'false ||', 'rule 4: the whole unit goes back'],
  ['release.transferId !== transferId ||', 'false ||', 'rule 4: a release names its charge'],
  ['release.releaseId !== releaseId', 'false', 'rule 4: the log names its release'],
  [
    '  for (const unit of known.keys())\n',
    '  for (const unit of [] as number[])\n',
    'rule 4: what the ledger gives back is in the log',
  ],
);

const VERIFY = inReceipt(
  'verify.ts',
  ['if (!logFile.Check(log)) throw', 'if (false) throw', 'only a meter log is read as one'],
  ['  if (!receiptFile.Check(file))\n', '  if (false)\n', 'only a receipt is read as one'],
  ['if (said.callId !== log.callId)', 'if (false)', 'both files are of one call'],
  [
    'const faults = [...found];',
    'const faults: typeof found[number][] = [];',
    'log and ledger of the files are compared',
  ],
  ['if (JSON.stringify(says) !== JSON.stringify(is))', 'if (false)', 'receipt and log are compared'],
  ["  compare('billable time', said.billableMs, receipt.billableMs);\n", '', 'the receipt’s length'],
  ["  compare('charged', said.chargedMinor, receipt.chargedMinor);\n", '', 'the receipt’s total'],
  ["  compare('time down', said.downtimeMs, receipt.downtimeMs);\n", '', 'the receipt’s time down'],
  ["  compare('units', unitsOf(said.units), unitsOf(receipt.units));\n", '', 'the receipt’s units'],
  ['receipt.released.map(({ unit }) => unit),', 'said.releasedUnits,', 'the receipt’s units that were given back'],
  [
    "  compare('refused attempts', said.refusedAttempts, receipt.refusedAttempts);\n",
    '',
    'the receipt’s refused attempts',
  ],
  [
    '[said.minimum.why, said.minimum.amountMinor]',
    '[receipt.minimum.why, said.minimum.amountMinor]',
    'the receipt’s reason for the minimum',
  ],
  [
    '[said.minimum.why, said.minimum.amountMinor]',
    '[said.minimum.why, receipt.minimum.amountMinor]',
    'the receipt’s minimum',
  ],
  [
    'said.pauses.map(({ reason, billableMs, cutBackMs }) => [reason, billableMs, cutBackMs])',
    'receipt.pauses.map(({ reason, billableMs, cutBackMs }) => [reason, billableMs, cutBackMs])',
    'the receipt’s pauses',
  ],
  ['[unit, amountMinor, modelMinor, billableMs]);', '[unit, amountMinor, billableMs]);', 'the receipt’s split'],
  [
    '[unit, amountMinor, modelMinor, billableMs]);',
    '[unit, amountMinor, modelMinor]);',
    'when the receipt’s units fell due',
  ],
);

export const RECEIPT: MutatedModule = {
  says: 'the recomputation of a call from its meter log (server/receipt)',
  suites: ['receipt', 'verify'].map((name) => ({ name, entry: `test/server/${name}.test.ts`, cpuSMax: 60 })),
  mutants: [...TARIFF, ...TIMELINE, ...LINES, ...EVIDENCE, ...MINIMUM, ...RECOMPUTE, ...COMPARE, ...VERIFY],
};
