import { inFile, type MutatedModule } from './mutant.ts';

const inCalls = (file: string, ...mutants: [find: string, replace: string, breaks: string][]) =>
  inFile(`server/calls/${file}`, ...mutants);

const MACHINE = inCalls(
  'machine.ts',
  ['CALLER_GONE_MS = 5_000', 'CALLER_GONE_MS = 50_000', 'a caller whose page is gone for 5 s has given up'],
  [
    "const lostBy = connected ? 'appliance' : null;",
    'const lostBy = null;',
    'after a crash: both have a minute to come back',
  ],
  ['!side.isPresent || !side.hasMedia', '!side.isPresent', 'a side without media is lost'],
  ["      { do: 'close_media' },\n", '', 'a call that is over carries no media'],
  ["isHangUp: outcome === 'client_ended'", 'isHangUp: false', 'rule 5: both end it within a second'],
  ["isHangUp: outcome === 'client_ended'", 'isHangUp: true', 'rule 5: who is gone has not pressed'],
  ["  if (outcome === 'out_of_funds') return 'client';\n", '', 'rule 5: out of funds is the client’s end'],
  [" || outcome === 'network_lost';", ';', 'rule 5: the side that does not come back has ended it'],
  [
    "event.by === side ? rule(call, event) : { refusal: 'not_allowed' }",
    'rule(call, event)',
    'each presses only their own',
  ],
  [
    'return without.sides.client.isPresent && without.sides.model.isPresent',
    'return true',
    'legs are made once both pages are there',
  ],
  [
    'next.sides.client.hasMedia && next.sides.model.hasMedia',
    'next.sides.client.hasMedia || next.sides.model.hasMedia',
    'both begin to send together',
  ],
  [
    "    effects.push({ do: 'pause_meter', lostBy: now,",
    "    void ({ do: 'pause_meter', lostBy: now,",
    'reconnecting: the meter stands while a side is lost',
  ],
  [
    "    effects.push({ do: 'start_timer', timer: LOST_TIMERS[now], ms: RECONNECT_MS });\n",
    '',
    'reconnecting: 60 s, then the call ends',
  ],
  [
    "effects.push({ do: 'resume_meter', lostBy: was }, {",
    'effects.push({',
    'reconnecting: the meter runs on when the side is back',
  ],
  [", { do: 'stop_timer', timer: LOST_TIMERS[was] });", ');', 'reconnecting: who is back in time ends nothing'],
  [
    '...(was === null && sinceMs !== undefined && { sinceMs })',
    '',
    'the appliance’s fault began when the process was last heard of',
  ],
  [
    '  if (before.lostBy === null) return by;\n',
    "  if (before.lostBy === null) return by === 'appliance' ? by : other(by);\n",
    'who was lost is the one whom the call waits for',
  ],
  [
    "by !== 'appliance' && !next.sides[by].isPresent ? by : 'appliance'",
    "'appliance'",
    'who goes while the appliance makes legs is lost themselves',
  ],
  [
    'isLost(next.sides[before.lostBy]) ? before.lostBy : other(before.lostBy)',
    'before.lostBy',
    'who is back is not waited for any more',
  ],
  [
    'client.isConnected && model.isConnected && !isLost(client)',
    'client.isConnected && model.isConnected',
    'rule 1: live once both legs are up',
  ],
  [
    "{ do: 'stop_timer', timer: 'confirm' }, { do: 'start_meter' }",
    "{ do: 'start_meter' }",
    'the confirmation is over when the call is live',
  ],
  [
    "{ do: 'stop_timer', timer: 'confirm' }, { do: 'start_meter' }",
    "{ do: 'stop_timer', timer: 'confirm' }",
    'rule 1: charging starts when the second side connects',
  ],
  [
    "ended(call, by === 'client' ? 'client_ended' : 'model_ended', by)",
    "ended(call, 'client_ended', 'client')",
    'rule 5: who ended it',
  ],
  [
    "if (timer === 'recovery') return ended(call, 'network_lost', null)",
    "if (timer === 'recovery') return ended(call, 'network_lost', 'client')",
    'rule 5: not after a restart of the appliance',
  ],
  [
    "return call.lostBy === side ? ended(call, 'network_lost', side) : stay(call)",
    "return ended(call, 'network_lost', side)",
    'a late timer of a side that is back ends nothing',
  ],
  ["        { do: 'stop_timer', timer: 'ring' },\n", '', 'a ring that was accepted is over'],
  ["        { do: 'start_timer', timer: 'confirm', ms: CONFIRM_MS },\n", '', 'a confirmation ends by itself'],
  ["by === 'client' && !call.sides.model.isConnected", 'false', 'the model connects first'],
  [
    "ended(call, by === 'client' ? 'withdrawn' : 'rejected', by)",
    "ended(call, 'withdrawn', by)",
    'a model who hangs up while it rings has refused',
  ],
  [
    "        ? ended(call, 'missed', null)",
    "        ? ended(call, 'withdrawn', null)",
    'nobody answers: a missed call',
  ],
  ["stay(call, { do: 'waive_meter' })", 'stay(call)', 'rule 8: a waiver stops the meter'],
  [
    "suspended: (call) => go(call, 'suspended')",
    'suspended: (call) => stay(call)',
    'out of funds: the call is suspended',
  ],
  ["restarted: (call) => go(call, 'live')", 'restarted: (call) => stay(call)', 'a restart that is paid is live'],
  [
    "grace_over: (call) => ended(call, 'out_of_funds', null)",
    'grace_over: (call) => stay(call)',
    'the grace over: out of funds',
  ],
  [
    "isLost(call.sides.client) || isLost(call.sides.model) ? { refusal: 'wrong_state' } : stay(call)",
    'stay(call)',
    'a restart needs both sides',
  ],
  [
    "by === 'model' && call.outcome === 'client_ended'",
    "call.outcome === 'client_ended'",
    'rule 5: both: the second is the model',
  ],
  [
    "? stay({ ...call, outcome: 'model_ended', endedBy: 'model' })",
    '? stay(call)',
    'rule 5: both end it, and the model ended it',
  ],
  ['missing.length === 1 ? (missing[0] as Side) : null', 'null', 'who kept a confirmation from going live'],
);

const ACTS = inCalls(
  'runner.ts',
  [
    "  client: 'client_reconnecting',\n  model: 'reconnecting',",
    "  client: 'reconnecting',\n  model: 'client_reconnecting',",
    'whose connection is lost',
  ],
  [
    "  appliance: 'appliance_reconnecting',",
    "  appliance: 'client_reconnecting',",
    'the appliance’s fault is not the client’s',
  ],
  ["() => void this.dispatch(call, { type: 'timed_out', timer })", '() => {}', 'a timer that is over is an event'],
  ['    this.#registry.adopt(call);\n', '', 'a call that rings is carried'],
  ['      if (call.record.liveAt) await this.learnTips(call);\n', '', 'after a crash: the tips so far are known'],
  [
    "      this.#rooms.hub.sendToConnection(before, { type: 'call.detached', callId: call.callId });\n",
    '',
    'the page that took part before is told',
  ],
  ['    call.connections[side] = null;\n    void', '    void', 'a page that is closed takes no part'],
  ["    void this.dispatch(call, { type: 'detached', by: side });\n", '', 'a page that is closed is gone'],
  [
    "        if (event.type === 'timed_out' && !call.hasRunOut(event.timer)) return;\n",
    '',
    'a timer that was stopped says nothing',
  ],
  ['    call.facts = result.call;\n', '', 'what has happened is known'],
  [
    "partition(result.effects, (effect) => effect.do !== 'start_meter')",
    'partition(result.effects, () => true)',
    'only a call that is durably live may charge',
  ],
  ['    this.tell(call);\n    if (before.state', '    if (before.state', 'both see what has happened'],
  ['if (before.state !== call.facts.state || before.outcome', 'if (before.outcome', 'each step of a call is durable'],
  [' || before.outcome !== call.facts.outcome ||', ' ||', 'rule 5: that both ended it is durable'],
  [" || event.type === 'waive')", ')', 'rule 8: a waiver is durable'],
  ["      return this.apply(call, { type: 'failed' });\n", '      return;\n', 'without a meter there is no call'],
  ['    if (isOver) this.#finish(call);\n', '', 'a call that is over holds nobody'],
  [
    'isLoss ? Math.min(effect.ms, call.lossLeftMs(lostBy, atMs)) : effect.ms',
    'effect.ms',
    'reconnecting: 90 s in all within five minutes',
  ],
  ['        return call.stopTimer(effect.timer);\n', '        return;\n', 'a timer is stopped'],
  ['        return this.media.open(call);\n', '        return;\n', 'legs are made'],
  ['        return this.media.start(call);\n', '        return;\n', 'both pages begin to send'],
  ['        return this.media.close(call);\n', '        return;\n', 'a call that is over carries no media'],
  ['paused: this.media.silence(call) }', 'paused: [] }', 'no_media: no charge without media from both'],
  ['        meter.start(callId, atMs);\n', '', 'rule 1: charging starts when the second side connects'],
  [
    '        return this.media.meterStarted(call);\n',
    '        return;\n',
    'the confirmation is not held against what is paid',
  ],
  [
    "if (meter.waive(callId) === 'ok') call.isWaived = true;",
    'call.isWaived = true;',
    'rule 8: a waiver stops the meter',
  ],
  ["if (meter.waive(callId) === 'ok') call.isWaived = true;", 'meter.waive(callId);', 'rule 8: a waiver is remembered'],
  ['        call.lost(effect.lostBy, atMs);\n', '', 'reconnecting: 90 s in all are counted'],
  ['meter.pause(callId, RECONNECTING[effect.lostBy], effect.sinceMs ?? atMs);', '', 'reconnecting: the meter stands'],
  ['effect.sinceMs ?? atMs', 'atMs', 'reconnecting: cut back to when the process was last heard of'],
  ['        call.back(effect.lostBy, atMs);\n', '', 'reconnecting: a side that is back is not lost any more'],
  [
    '        for (const reason of this.media.silence(call)) meter.pause(callId, reason, atMs);\n',
    '',
    'no_media: who is back and sends nothing is silent',
  ],
  [
    '        meter.resume(callId, RECONNECTING[effect.lostBy]);\n',
    '',
    'reconnecting: the meter runs on when the side is back',
  ],
  [
    'meter.end(callId, effect.by, effect.isHangUp);',
    "meter.end(callId, 'appliance', effect.isHangUp);",
    'rule 5: the rest of the minimum falls due',
  ],
  [
    'meter.end(callId, effect.by, effect.isHangUp);',
    'meter.end(callId, effect.by, false);',
    'rule 5: both end it within a second',
  ],
  ['meter.end(callId, effect.by, effect.isHangUp);', '', 'the meter of a call that is over ends'],
  [
    '    this.media.lease(call);\n    switch',
    '    switch',
    'media flows on paid time: each posted charge extends the lease',
  ],
  [
    "        void this.dispatch(call, { type: notice.kind });\n        break;\n      case 'restarted'",
    "        break;\n      case 'restarted'",
    'out of funds: the call hears of it',
  ],
  ['.then(() => answerRestarts(call, null));', ';', 'a restart is acknowledged when its charge is posted'],
  [
    '        void this.dispatch(call, { type: notice.kind }).then(() => answerRestarts(call, null));\n',
    '        answerRestarts(call, null);\n',
    'a restart that is acknowledged is live',
  ],
  [
    "          answerRestarts(call, new UserError('insufficient_credit', NOT_COVERED));\n",
    '',
    'a restart that is refused is answered',
  ],
  ['        void this.#release(call, notice);\n', '', 'rule 4: what was posted ahead goes back at once'],
  ["    answerRestarts(call, new UserError('wrong_state'));\n", '', 'a restart of a call that ends is answered'],
  ['      this.#registry.forget(callId);\n', '', 'what could not be settled is tried again'],
  [
    '{ ...closed, forwardedMs: call.forwardedMs }',
    'closed',
    'the budget: media that reached the client is held against what is paid',
  ],
  ['      this.#story(call.callId);\n      if', '      if', 'the thread has the settled amount'],
  ['      this.tell(call);\n    });\n  }\n\n  #finish', '    });\n  }\n\n  #finish', 'both see what the call came to'],
  ['    if (!call.lastFigures) this.#story(call.callId);\n', '', 'the thread has a call that was never live'],
  [
    '        return await this.#rooms.records.save(call.callId, call.facts, call, at);\n      } catch (error) {\n',
    '        return await this.#rooms.records.save(call.callId, call.facts, call, at);\n      } catch (error) {\n        return;\n',
    'a call that could not be saved is saved later',
  ],
  [
    "for (const side of ['client', 'model'] as const) {\n      this.#rooms.hub.sendToPerson",
    "for (const side of ['client'] as const) {\n      this.#rooms.hub.sendToPerson",
    'both people see the call',
  ],
  ["tariff === 'per_minute' || notice.unit % 60 === 0", 'true', 'charges by the second are told by the minute'],
);

const DOORS = inCalls(
  'calls.ts',
  [
    "    if (from.role !== 'client') throw new UserError('not_allowed', 'Only a client can ring a model.');\n",
    '',
    'only a client rings',
  ],
  [
    "    if (await this.#rooms.callers.isBlocked(from.personId, modelId)) throw new UserError('model_unavailable');\n",
    '',
    'who is blocked cannot ring',
  ],
  [
    '      rateMinor: profile.rateMinor,',
    '      rateMinor: profile.rateMinor + 1,',
    'the rate is hers, copied when it rings',
  ],
  ['      minimumMin: profile.minimumMin,', '      minimumMin: 0,', 'the minimum is hers, copied when it rings'],
  ['sharePercent: sharePercent ?? this.#terms.sharePercent', 'sharePercent: 100', 'the share is copied when it rings'],
  [
    'sharePercent: sharePercent ?? this.#terms.sharePercent',
    'sharePercent: this.#terms.sharePercent',
    'a share of her own is copied when it rings',
  ],
  ["    this.#runner.startTimer(call, 'ring', RING_MS);\n", '', 'nobody answers within 45 s: missed'],
  ['    this.#onRing(record);\n', '', 'who has no page open is told of a ring'],
  [
    "    if (!this.#rooms.hub.isConnected(from.connectionId)) this.#runner.pageGone(call, 'client');\n",
    '',
    'a caller who went while the row was written has gone',
  ],
  [
    "if (action.type === 'hang_up' && (await this.#endsToo(from, callId))) return;",
    '',
    'rule 5: both end it within a second',
  ],
  [
    '      if (isMuted === action.isMuted && isCameraOff === action.isCameraOff) return;\n',
    '',
    'a switch that is said again changes nothing',
  ],
  ['      this.#runner.media.switches(call, side, action);\n', '', 'switches: a camera that is off is believed'],
  [
    "      if (action.type === 'connect') await this.#mustCoverStart(call, side);\n",
    '',
    'rule 6: the minimum must be covered',
  ],
  [
    "      if (action.type === 'waive' && !this.#canWaive(call)) throw new UserError('wrong_state');\n",
    '',
    'rule 8: a waiver that does nothing is refused',
  ],
  [
    "      if (action.type === 'reject') call.rejectReason = action.reason?.trim() ?? null;\n",
    '',
    'what the model said when she refused',
  ],
  [
    "if (action.type === 'accept' || action.type === 'attached')",
    "if (action.type === 'accept')",
    'the page that comes back takes part',
  ],
  [
    "    if (call.sideOf(from.personId) !== 'client') throw new UserError('not_allowed', 'Only the client can give a tip.');\n",
    '',
    'rule 9: a tip is from client to model',
  ],
  [
    "      if (call.facts.state !== 'live' && call.facts.state !== 'suspended') throw new UserError('wrong_state');\n",
    '',
    'rule 9: a tip while the call is live or in its grace',
  ],
  [
    'const keepMinor = call.heldMinor(this.#rooms.meter.figures(callId));',
    'const keepMinor = toMinor(0);',
    'rule 5: tips cannot use the minimum',
  ],
  ['      await this.#runner.learnTips(call);\n', '', 'rule 9: both see the tips so far'],
  [
    'if (!call || !side || call.personOf(otherSide(side)) !== otherId) return;',
    'if (!call || !side) return;',
    'rule 9: a block ends a call between the two, no other',
  ],
  ["    await this.#runner.dispatch(call, { type: 'hang_up', by: side });\n", '', 'rule 9: blocking is hanging up'],
  [
    "apply(call, { type: 'operator_ended' })",
    "apply(call, { type: 'hang_up', by: 'client' })",
    'the operator ends a call: nothing more is charged',
  ],
  ['    if (call && side) this.#runner.pageGone(call, side);\n', '', 'a page that is closed is gone'],
  [
    "    if (call?.sideOf(personId) !== 'client') return;\n",
    '    if (!call) return;\n',
    'the credit of a call is its client’s',
  ],
  ['    this.#rooms.meter.credit(call.callId, balanceMinor);\n', '', 'more credit clears the warning'],
  ['    call.balanceMinor = balanceMinor;\n', '', 'both see the credit'],
  ["return state === 'charging' || state === 'not_charging';", 'return true;', 'rule 8: no waiver while suspended'],
  ['if (call.balanceMinor < call.startCostMinor)', 'if (call.balanceMinor <= 0)', 'rule 6: the minimum, or one minute'],
  [
    "    if (side !== 'client') throw new UserError('not_allowed');\n    const",
    '    const',
    'only the client restarts',
  ],
  ["    if (isLost(client) || isLost(model)) throw new UserError('wrong_state');\n", '', 'a restart needs both sides'],
  [
    "    if (result !== 'ok' && result !== 'no_change') throw new UserError('wrong_state');\n",
    '',
    'a restart of a call that is not suspended is refused',
  ],
  [
    'const result = this.#rooms.meter.restart(call.callId);',
    "const result: string = 'ok';",
    'a restart asks the ledger',
  ],
);

const ACTIVE = inCalls(
  'active-call.ts',
  ['LOSS_MS_MAX = 90_000', 'LOSS_MS_MAX = 900_000', 'reconnecting: 90 s in all within five minutes'],
  ['LOSS_WINDOW_MS = 300_000', 'LOSS_WINDOW_MS = 30_000', 'reconnecting: within five minutes'],
  ['rateMinor * Math.max(1, this.record.minimumMin)', 'rateMinor', 'rule 6: max(minimum, 1 minute)'],
  [
    'rateMinor * Math.max(1, this.record.minimumMin)',
    'rateMinor * this.record.minimumMin',
    'rule 6: one minute at least',
  ],
  ['    if (this.isWaived) return toMinor(0);\n', '', 'rule 8: a waiver ends the minimum, too'],
  [
    'rateMinor * minimumMin - (figures?.chargedMinor ?? 0)',
    'rateMinor * minimumMin',
    'rule 5: held is what is missing of the minimum',
  ],
  ['const done = this.#queue.then(work);', 'const done = work();', 'a call takes its events one after another'],
  [
    'endsAtMs !== undefined && endsAtMs <= performance.now() + TIMER_EARLY_MS',
    'endsAtMs !== undefined',
    'a timer that began anew has not run out',
  ],
  ['this.#seq = Math.max(this.#seq + 1, Date.now());', 'this.#seq = Date.now();', 'a later view has a higher number'],
  ["peer: side === 'client' ? record.model : record.client", 'peer: record.model', 'each sees the other'],
  [
    "balanceMinor: side === 'client' ? this.balanceMinor : null",
    'balanceMinor: this.balanceMinor',
    'the model does not see the client’s credit',
  ],
  [
    "caller: side === 'model' ? this.caller : null",
    'caller: this.caller',
    'the client does not see what the model reads of them',
  ],
  [
    'isFunded: this.balanceMinor >= this.startCostMinor',
    'isFunded: true',
    'rule 6: ringing shows the model whether the balance covers it',
  ],
);

const MEDIA = [
  ...inCalls(
    'media-gate.ts',
    ['UNCHARGED_LEASE_MS = 3_000', 'UNCHARGED_LEASE_MS = 4_000', 'the lease is renewed in steps of at most 3 s'],
    ["  if (figures.state !== 'not_charging') return SHUT;\n", '', 'nothing passes in a grace'],
    [
      "'appliance_reconnecting', 'ledger_wait'] as const",
      "'appliance_reconnecting'] as const",
      'ledger_wait: nothing passes',
    ],
    [
      "'client_reconnecting', 'appliance_reconnecting', ",
      "'appliance_reconnecting', ",
      'reconnecting: nothing passes to a side that is lost',
    ],
    ['model: !call.isClientSilent', 'model: true', 'the client’s no_media: nothing passes to the client'],
    ['nowMs + figures.paidLeftMs', 'nowMs + figures.paidLeftMs + 1', 'no lease ends later than what is paid'],
  ),
  ...inCalls(
    'media-budget.ts',
    ['BEYOND_MS_MAX = 5_000', 'BEYOND_MS_MAX = 6_000', 'the budget: more than 5 s beyond it'],
    [
      "new Set(['slow_link', 'no_media', 'model_waived'])",
      "new Set(['slow_link', 'no_media', 'model_waived', 'client_no_media'])",
      'the client’s no_media is not free',
    ],
    [
      "new Set(['slow_link', 'no_media', 'model_waived'])",
      "new Set(['no_media', 'model_waived'])",
      'slow_link: media flows',
    ],
    ['!isSuspended && reasons.size > 0', 'reasons.size > 0', 'nothing is free in a grace'],
    [
      '[...reasons].every((reason) => FREE_REASONS',
      '[...reasons].some((reason) => FREE_REASONS',
      'nothing is free while a side is lost',
    ],
    ["if (to.kind === 'paused' && FREE", 'if (false && FREE', 'what was cut back had been forwarded'],
    [' && FREE_REASONS.has(to.detail.reason)', '', 'what is cut back for the client’s fault is not free'],
  ),
  ...inCalls(
    'stretches.ts',
    ['(isRunning ? ms : 0)', '0', 'what was cut back had been billable until the notice'],
    ['(isRunning ? ms : 0)', 'ms', 'nothing is cut back of what did not run'],
    ["    if (kind === 'suspended') isSuspended = true;\n", '', 'nothing runs in a grace'],
    ["    if (kind === 'restarted') isSuspended = false;\n", '', 'a restart ends the grace'],
    ['if (!OUTLIVING.has(reason)) reasons.delete(reason)', 'reasons.delete(reason)', 'a slow link outlives a restart'],
    ["from && kind !== 'recovered'", 'from', 'nothing runs over a restart'],
  ),
  ...inCalls(
    'call-media.ts',
    [
      "client: 'client_no_media', model: 'no_media'",
      "client: 'no_media', model: 'client_no_media'",
      'whose media is missing',
    ],
    ['      call.silent.add(side);\n    }\n', '    }\n', 'nothing flows through a leg that was just made'],
    ['- call.forwardedBeforeMs', '', 'the budget: the confirmation was free'],
    ['    media.closeCall(call.callId);\n', '', 'a call that is over has no legs'],
    [
      "    call.forwardedBeforeMs = this.#rooms.media.forwardedMs(call.callId, 'model');\n",
      '',
      'the budget: what reached the client before the meter was free',
    ],
    ['isMuted && isCameraOff', 'isMuted || isCameraOff', 'switches: both off'],
    [
      '    for (const side of SIDES) media.gate(callId, side, gate.isOpen[side]);\n',
      '',
      'the client’s no_media: nothing passes to the client',
    ],
    ['    media.lease(callId, gate.leaseUntilMs);\n', '', 'media flows on paid time'],
    [
      "isClientSilent: call.silent.has('client')",
      "isClientSilent: call.silent.has('model')",
      'the client’s no_media closes the way to the client',
    ],
    ['if (owner !== from.connectionId) throw', 'if (false) throw', 'a leg is its page’s own'],
    [
      'if (!call || call.legs[event.side] !== event.legId) return;',
      'if (!call) return;',
      'a leg that was replaced says nothing',
    ],
    [
      "        return this.#calls.happened(call, { type: 'media_up', by: side });\n",
      '        return;\n',
      'a leg that is up is heard of',
    ],
    ['        call.silent.delete(side);\n', '', 'who sends again is not silent'],
    [
      '        this.#rooms.meter.resume(callId, NO_MEDIA[side]);\n',
      '',
      'no_media: the meter runs on when packets flow again',
    ],
    ['        call.silent.add(side);\n        this', '        this', 'who sends nothing is silent'],
    ['        this.#rooms.meter.pause(callId, NO_MEDIA[side], event.sinceMs);\n', '', 'no_media: the meter stands'],
    ['NO_MEDIA[side], event.sinceMs)', 'NO_MEDIA[side], monotonicMs())', 'no_media: from the model’s last packet'],
    [
      'event.sinceMs);\n        return this.lease(call);',
      'event.sinceMs);\n        return;',
      'the client’s no_media: nothing passes at once',
    ],
    [
      '...(event.sinceMs !== undefined && { applianceLostAtMs: event.sinceMs }),',
      '',
      'a media process that ends is the appliance’s fault',
    ],
    [
      "if (this.#rooms.meter.figures(call.callId)?.state === 'not_charging') this.lease(call);",
      '',
      'while the meter does not run the lease is renewed',
    ],
  ),
];

const LINKS = [
  ...inCalls(
    'links.ts',
    ['slowLinkKbps > 0', 'slowLinkKbps >= 0', 'slow link: 0 probes nothing'],
    ['    rooms.media.onCounters(() => this.#count());\n', '', 'slow link: the model’s uplink is probed'],
    ['      known.uplink.restarted(nowMs);\n', '', 'a new leg is looked at anew'],
    [
      '      this.#rooms.meter.probe(call.callId, evidence, startedAtMs);\n  }\n\n  closed',
      '      void startedAtMs;\n  }\n\n  closed',
      'slow link: probes of the confirmation count from the first moment',
    ],
    ['    this.#byCall.delete(call.callId);\n', '', 'a call that is over is not probed'],
    [
      '    if (links) links.reports[side] = { report, atMs: monotonicMs() };\n',
      '',
      'what a page says of its picture is known',
    ],
    [
      '      if (this.#isProbing && !links.isProbing && nowMs',
      '      if (this.#isProbing && nowMs',
      'one probe of a call at a time',
    ],
    [
      "    if (side === 'model') links.uplink.counted(counters, nowMs);\n",
      '',
      'slow link: loss makes the uplink suspect',
    ],
    [
      'nowMs - said.atMs < REPORT_AGE_MS_MAX ? said.report',
      'true ? said.report',
      'a page that has not spoken for long says nothing of its picture',
    ],
    [
      "if (legId === null || call.facts.state === 'suspended' ||",
      'if (legId === null ||',
      'in a suspension nothing is probed',
    ],
    [" || call.silent.has('model')) return;", ') return;', 'a silent model is not probed'],
    ['    links.isProbing = false;\n', '', 'a probe that has ended makes room for the next'],
    [
      '    if (this.#byCall.get(call.callId) !== links) return;\n',
      '',
      'a probe of a call that is over counts for nothing',
    ],
    ['    links.uplink.probed(evidence, startedAtMs, monotonicMs());\n', '', 'the next probe comes in its time'],
    [
      '    this.#rooms.meter.probe(call.callId, evidence, startedAtMs);\n    const row',
      '    const row',
      'slow link: the meter hears of each probe',
    ],
    [
      'links.unanswered.probed(evidence, startedAtMs, this.#isHidden(links))',
      'links.unanswered.probed(evidence, startedAtMs, false)',
      'unanswered probes of a page in the background count for nothing',
    ],
    [
      'links.unanswered.probed(evidence, startedAtMs, this.#isHidden(links))',
      'links.unanswered.probed(evidence, startedAtMs, true)',
      'five unanswered probes in a row count as slow',
    ],
    [
      '    if (row) this.#rooms.meter.unanswered(call.callId, row);\n',
      '',
      'five unanswered probes in a row count as slow',
    ],
    [
      'said.report.isVisible === false',
      '!said.report.isVisible',
      'a page that says nothing of it is in the foreground',
    ],
    [' && monotonicMs() - said.atMs < REPORT_AGE_MS_MAX;', ';', 'a page in the background says so again and again'],
    [
      'const said = reports.model;\n',
      'const said = reports.client;\n',
      'it is the model’s page that must be in the foreground',
    ],
  ),
  ...inCalls(
    'unanswered.ts',
    ['UNANSWERED_DECIDING = 5', 'UNANSWERED_DECIDING = 4', 'five without an answer, not four'],
    ['UNANSWERED_DECIDING = 5', 'UNANSWERED_DECIDING = 6', 'five without an answer'],
    [
      "    if (doubt !== 'no_report') {\n      this.#startedAtMs = [];",
      "    if (doubt !== 'no_report') {",
      'an answer ends the row',
    ],
    ['    if (!isHidden) this', '    this', 'a page in the background is not asked for an answer'],
    [
      'const [firstMs = startedAtMs] = this.#startedAtMs;',
      'const firstMs = startedAtMs;',
      'slow from the first of them on',
    ],
    ['    this.#startedAtMs = [];\n    return { firstMs', '    return { firstMs', 'each row of five counts once'],
  ),
];

const MONEY = [
  ...inCalls(
    'settlement.ts',
    [
      'if (!(error instanceof StoreUnavailable)) throw error;\n      rooms.log.warn',
      'throw error;\n      rooms.log.warn',
      'a settlement is tried until the database answers',
    ],
    [
      '  await releaseUnits(record, closed.unitsCharged + 1, Number.POSITIVE_INFINITY, rooms);\n',
      '',
      'rule 4: what never fell due goes back',
    ],
    ['  await takeMinimum(record, closed, rooms);\n', '', 'rule 5: the rest of the minimum falls due'],
    ['agrees: faults.length === 0', 'agrees: true', 'a disagreement is an alarm'],
    ['...coreFaults(receipt, closed)]', ']', 'core and log are compared'],
    [
      "kind === 'charge' && unit >= first && unit <= last",
      "kind === 'charge' && unit >= first - 1 && unit <= last",
      'rule 4: a charged unit does not go back',
    ],
    ['    if (written.has(unit)) continue;\n', '', 'rule 4: a release is one line'],
    [
      "    meter.writeLine(callId, 'released',",
      "    void (callId, 'released',",
      'rule 4: what went back is in the log',
    ],
    ['if (closed.minimumDueMinor <= 0) return;', 'return;', 'rule 5: the rest of the minimum falls due'],
    [
      'amountMinor: closed.minimumDueMinor,',
      'amountMinor: toMinor(closed.minimumDueMinor + 1),',
      'rule 5: the rest, and no more',
    ],
    [
      'chargedBeforeMinor: toMinor(closed.chargedMinor)',
      'chargedBeforeMinor: toMinor(0)',
      'rule 7: the minimum is split with the sum',
    ],
    ["  meter.writeLine(callId, 'minimum',", "  void (callId, 'minimum',", 'rule 5: what was taken is in the log'],
    [
      'if (taken.transferId === null || isWritten) return;',
      'if (taken.transferId === null) return;',
      'rule 5: the minimum is one line',
    ],
    ["if (!lines.some(({ kind }) => kind === 'media')) meter", 'if (false) meter', 'the budget: a line on the receipt'],
  ),
  ...inCalls(
    'recovery.ts',
    ['GRACE_LEFT_MS_MIN = 60_000', 'GRACE_LEFT_MS_MIN = 0', 'after a restart at least 60 s of the grace are left'],
    [
      '  if (fromMonoMs === null || of !== bootId) return 0;\n',
      '  if (fromMonoMs === null) return 0;\n',
      'nobody waits for a ring of another start of the machine',
    ],
    ['ms - (monotonicMs() - fromMonoMs)', 'ms', 'after a crash: a ring has the time that it had left'],
    [
      'rooms.meterLog.resume(record.callId, entries.at(-1)?.seq ?? 0);',
      '',
      'after a crash: the log goes on after its last line',
    ],
    [
      "if (closed) return { kind: 'unsettled', ...fromClosed(closed, entries) };",
      '',
      'after a crash: a meter that had closed is not opened again',
    ],
    [
      'by: whoseDoing(record.outcome, record.endedBy), balanceMinor }',
      "by: 'appliance', balanceMinor }",
      'after a crash: rule 5 by who had ended it',
    ],
    [
      'record.endBalanceMinor === null ? null : toMinor(record.endBalanceMinor)',
      'null',
      'after a crash: rule 5 with what the client had at the end',
    ],
    [
      'const unitsPosted = Math.max(unitsCharged, ...transfers.map(({ unit }) => unit));',
      'const unitsPosted = unitsCharged;',
      'after a crash: a unit that was posted ahead is paid',
    ],
    [
      "suspension?.kind === 'suspended' && unitsPosted < Number(suspension.detail.unit)",
      "suspension?.kind === 'suspended'",
      'after a crash: a restart whose charge was posted has restarted the call',
    ],
    [
      "suspension?.kind === 'suspended' && unitsPosted < Number(suspension.detail.unit)",
      'false',
      'after a crash: a suspended call is suspended',
    ],
    [
      'isPostedLater ? askedFromMs : (last?.billableMs ?? 0)',
      'last?.billableMs ?? 0',
      'after a crash: a posted unit shows how far the meter had run',
    ],
    [
      'askedFromMs > reachedMs;',
      'askedFromMs > (last?.billableMs ?? 0);',
      'after a crash: what a slow link has taken back stays so',
    ],
    [
      'billableMs: isPostedLater ? askedFromMs : (last?.billableMs ?? 0)',
      'billableMs: 0',
      'after a crash: billable time of the last durable record',
    ],
    [
      "isWaived: entries.some(({ kind, detail }) => kind === 'paused' && detail.reason === 'model_waived')",
      'isWaived: false',
      'after a crash: a waived call stays free',
    ],
    ["isSlow: slow.at(-1)?.kind === 'paused'", 'isSlow: false', 'after a crash: a slow link stays slow'],
    [
      "if (fromMs !== null && monoMs !== null && kind !== 'recovered') left -= Math.max(0, monoMs - fromMs);",
      '',
      'a grace has run as long as the appliance did',
    ],
    ["outOfFunds ? 'out_of_funds' : ", '', 'after a crash: out of funds'],
    [
      'minimumDueMinor: toMinor(Number(minimumDueMinor)),',
      'minimumDueMinor: toMinor(0),',
      'after a crash: the rest of the minimum falls due',
    ],
  ),
  ...inCalls(
    'upkeep.ts',
    [
      "const RECOVERED_PAUSES = ['no_media', 'client_no_media', 'appliance_reconnecting'] as const",
      "const RECOVERED_PAUSES = ['no_media', 'client_no_media'] as const",
      'after a crash: nobody is back yet',
    ],
    [
      "const RECOVERED_PAUSES = ['no_media', 'client_no_media', 'appliance_reconnecting'] as const",
      "const RECOVERED_PAUSES = ['appliance_reconnecting'] as const",
      'after a crash: nothing flows yet',
    ],
    [
      'filter(({ callId }) => !this.#registry.isKnown(callId))',
      'filter(() => true)',
      'a call that is carried is not found',
    ],
    ['filter(({ callId }) => before.has(callId))', 'filter(() => true)', 'a row that is being written is not found'],
    ['      await this.#carryOn(record);\n    }\n', '    }\n', 'a row that nobody carries ends'],
    ['      this.#registry.forget(callId);\n', '', 'a call that could not be carried on is tried again'],
    [
      '      await settle(record, found.closed, this.#rooms);\n',
      '',
      'after a crash: a call that had closed is settled',
    ],
    [
      'toMinor(Math.min(balanceMinor, found.balanceMinor ?? balanceMinor))',
      'balanceMinor',
      'rule 5: credit that came since the end is never touched',
    ],
    ['      meter.end(callId, found.by);\n', '', 'after a crash: a call that had ended closes'],
    [
      "    this.#carrier.startTimer(call, 'recovery', RECONNECT_MS);\n",
      '',
      'after a crash: both have a minute to come back',
    ],
    [
      "      if (found.state === 'ringing') await this.#carrier.happened(call, { type: 'detached', by: 'client' });\n",
      '',
      'after a crash: a caller whose page is gone has given up',
    ],
    ['    meter.start(callId, atMs);\n', '', 'after a crash: the call goes on'],
  ),
  ...inCalls(
    'registry.ts',
    ['    this.#active.delete(call.callId);\n', '', 'a call that is over is not carried'],
    [
      '      if (this.#byPerson.get(personId) === call) this.#byPerson.delete(personId);\n',
      '',
      'a call that is over holds nobody',
    ],
    ['    if (call.lastFigures) this.close(call);\n', '', 'a call with a meter is still to be settled'],
    ['    this.#byPerson.set(call.record.modelId, call);\n', '', 'a model in a call is busy'],
    [
      'this.#active.has(callId) || this.#closing.has(callId) ||',
      'this.#active.has(callId) ||',
      'a call that is being settled is known',
    ],
  ),
  ...inFile(
    'server/meter/meter.ts',
    ['          waived: recovered.isWaived,\n', '', 'after a crash: a waived call stays free'],
    ['          slowLink: recovered.isSlow,\n', '', 'after a crash: a slow link stays slow'],
    ['          unitsPosted: recovered.unitsPosted,\n', '', 'after a crash: a unit that was posted ahead is paid'],
    ['          wasLive: true,\n', '', 'after a crash: rule 5 for a call that had begun'],
    [
      'suspendedGraceLeftMs: recovered.graceLeftMs',
      'suspendedGraceLeftMs: 1',
      'after a crash: the grace that was left',
    ],
    ['new Map(recovered?.postedAhead)', 'new Map()', 'after a crash: a charge names its transfer'],
    [
      '      this.#meterLog.resume(terms.callId, recovered.lastSeq);\n',
      '',
      'after a crash: the log goes on after its last line',
    ],
    [
      "      this.#write(open, 'recovered',",
      "      void (open, 'recovered',",
      'after a crash: the time down is in the log',
    ],
    [
      'this.#core.pauseBegin(open.handle, reason, Math.min(toMillis(sinceMs), now), now)',
      'this.#core.pauseBegin(open.handle, reason, now, now)',
      'a pause is dated back to its fault',
    ],
    [
      'this.#input(callId, (open, now) => this.#core.pauseEnd(open.handle, reason, now));',
      '',
      'a pause that is over lets the meter run',
    ],
    ["      this.#write(open, 'probed', now,", "      void (open, 'probed', now,", 'each probe is in the log'],
    ["conclusive: verdict !== 'inconclusive'", 'conclusive: true', 'an inconclusive probe counts for nothing'],
    ['for (const ms of [firstMs, lastMs])', 'for (const ms of [firstMs])', 'five unanswered probes count as slow'],
    ['this.#core.waive(open.handle, now)', "'ok'", 'rule 8: a waiver stops the meter'],
    [
      'this.#input(callId, (open, now) => this.#core.balance(open.handle, balanceMinor, now));',
      '',
      'more credit clears the warning',
    ],
    ['this.#core.restart(open.handle, now)', "'ok'", 'a restart takes the refused charge'],
    [
      'this.#core.end(open.handle, by, now, isHangUp)',
      'this.#core.end(open.handle, by, now, true)',
      'rule 5: who is gone has not pressed',
    ],
    [
      '    if (!this.#isPosting && this.#waiting.length > 0) void',
      '    if (this.#waiting.length > 0) void',
      'rule 4: a charge is with the ledger once',
    ],
    ['    this.#core.tick(nowMs());\n', '', 'what is due falls due by itself'],
    [
      'priceMinor(tariff, rateMinor, event.unit - 1)',
      'priceMinor(tariff, rateMinor, event.unit)',
      'rule 7: the split is of the sum',
    ],
    ['        open.minimumDueMinor = toMinor(event.amountMinor);\n', '', 'rule 5: the rest of the minimum falls due'],
    ['        open.minimumCapMinor = toMinor(event.capMinor);\n', '', 'rule 5: what bounds the minimum is in the log'],
    ['const transferId = open.transfers.get(unit) ?? null;', 'const transferId = null;', 'a charge names its transfer'],
    [
      "        return this.#onNotice({ ...common, kind: 'release_due', unit: event.unit, lastUnit: event.lastUnit });",
      '        return;',
      'rule 4: what was posted ahead goes back at once',
    ],
    ['          sinceMonoMs: event.sinceMs,\n', '', 'a pause’s beginning is in the log'],
    [
      "this.#write(open, 'resumed', event.atMs",
      "void (open, 'resumed', event.atMs",
      'the end of a pause is in the log',
    ],
    [
      '        this.#write(open, event.kind, event.atMs, event.billableMs, { unit: event.unit });\n',
      '',
      'a suspension is in the log',
    ],
    ['        this.#core.release(open.handle);\n', '', 'a call that is over makes room for the next'],
    [
      'if (!(error instanceof StoreUnavailable)) setApart(batch);',
      '',
      'a charge that the ledger finds wrong holds up no other',
    ],
    [
      '        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));\n',
      '        break;\n',
      'charges are posted again until the ledger answers',
    ],
    [' || payers.has(waiting.charge.clientId)) continue;', ') continue;', 'a client pays once in a batch'],
    ['if (waiting.notBeforeMs > now ||', 'if (', 'a charge that is wrong is tried later'],
    [
      '        this.#waiting = this.#waiting.filter((waiting) => !posted.has(waiting));\n',
      '',
      'rule 4: an answered charge is not posted again',
    ],
    [
      '      this.#core.posted(open.handle, unit, answer.balanceMinor, atMs);\n',
      '',
      'the core hears that a charge is posted',
    ],
    [
      '      this.#core.refused(open.handle, unit, answer.balanceMinor, atMs);\n',
      '',
      'the core hears that a charge is refused',
    ],
    ["      this.#write(open, 'refused',", "      void (open, 'refused',", 'a refusal is in the log'],
    [
      '      if (answer.transferId !== null) open.transfers.set(unit, answer.transferId);\n',
      '',
      'a charge names its transfer',
    ],
  ),
];

const PRESENCE = inCalls(
  'presence.ts',
  ["    if (presence === 'busy') throw new UserError('model_busy');\n", '', 'a model in a call is busy'],
  [
    "    if (presence !== 'available') throw new UserError('model_unavailable');\n",
    '',
    'a model whose calls are off cannot be rung',
  ],
  [
    "if (isWanted && this.#presenceOf(model) === 'available') throw",
    'if (false) throw',
    'nobody waits for a model who is free',
  ],
  ["    if (this.#rooms.isInCall(personId)) return 'busy';\n", '', 'a model in a call is busy'],
  ['!availableUntil || availableUntil.getTime() <= Date.now()', '!availableUntil', 'calls turn off by themselves'],
  ["this.#awayInMs(personId) > 0 ? 'available' : 'away'", "'available'", 'a model whose pages are gone is away'],
  [
    '    if (this.#rooms.hub.isOnline(personId)) return Number.POSITIVE_INFINITY;\n',
    '',
    'a model whose page is open is there',
  ],
  [
    '(this.#goneAtMs.get(personId) ?? this.#startedAtMs) + this.#rooms.awayAfterMs',
    '(this.#goneAtMs.get(personId) ?? 0)',
    'a page that reloads is back in a moment',
  ],
  [
    'if (!this.#away.has(modelId)) this.#onAway(modelId)',
    'this.#onAway(modelId)',
    'a model who is away is warned once',
  ],
  ['    this.#away = away;\n', '', 'a model who is away is warned once'],
  ['setTimeout(() => this.changed(), next + 1)', 'null', 'clients hear when the hours are over'],
  [
    '    if (!this.#rooms.hub.isOnline(modelId)) this.#goneAtMs.set(modelId, performance.now());\n',
    '',
    'a model is away a minute after her last page',
  ],
  [
    'if (!card || blocked.has(pairOf(clientId, modelId))) continue;',
    'if (!card) continue;',
    'who is blocked is not told that she is free',
  ],
  [
    "cards.filter((card) => card.presence === 'available').map",
    'cards.map',
    'who asked is told when she is free, not before',
  ],
);

const MODEL_LIST = inCalls(
  'model-list.ts',
  ['return visibleTo(clientId, this.#cards, this.#blocked);', 'return [...this.#cards];', 'a block hides a model'],
  ['visibleTo(clientId, changed, blocked)', '[...changed]', 'a block hides a change'],
  ['if (reshuffled.has(clientId)) return', 'if (false) return', 'who blocks or is let in again gets the whole list'],
  ['before.get(personId) !== texts.get(personId)', 'true', 'only what has changed is told'],
  ['filter((personId) => !texts.has(personId))', 'filter(() => false)', 'who is gone is told'],
  ['models.length === 0 && goneIds.length === 0', 'models.length === 0', 'who is gone is told to who sees no change'],
  ['models.length === 0 && goneIds.length === 0', 'false', 'nothing is told of nothing'],
  ['ORDER.indexOf(a.presence) - ORDER.indexOf(b.presence) ||', '', 'the available ones come first'],
  ['    this.#texts = texts;\n', '', 'a change is told once'],
);

export const RUNNER: MutatedModule = {
  says: 'the life of a call and the host of its meter (server/calls, server/meter)',
  suites: [
    ...['runner', 'recovery', 'links', 'presence', 'model-list'].map((name) => ({
      name,
      entry: `test/server/${name}.test.ts`,
    })),
    { name: 'receipt', entry: 'test/server/receipt.test.ts', cpuSMax: 60 },
    { name: 'calls', entry: 'test/server/calls.test.ts', cpuSMax: 120 },
    { name: 'meter', entry: 'test/server/meter.test.ts' },
  ],
  mutants: [...MACHINE, ...ACTS, ...DOORS, ...ACTIVE, ...MEDIA, ...LINKS, ...MONEY, ...PRESENCE, ...MODEL_LIST],
};
