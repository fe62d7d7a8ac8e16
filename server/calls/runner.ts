import type { HostPauseReason } from '../../core-wasm/index.ts';
import { monotonicMs } from '../clock/index.ts';
import { type CallId, type Side, UserError } from '../contract/index.ts';
import type { MeterNotice } from '../meter/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { ActiveCall } from './active-call.ts';
import { CallMedia } from './call-media.ts';
import type { CallDeps, CallTerms } from './deps.ts';
import { type CallEvent, type Effect, type LostBy, step, type TimerName } from './machine.ts';
import type { CallRegistry } from './registry.ts';
import { releaseUnits, settle } from './settlement.ts';
import { sumOfTips } from './tips.ts';

const SAVE_RETRY_MS = 200;
const NOT_COVERED = 'The credit does not cover the next unit. Add credit first.';
const RECONNECTING: Record<LostBy, HostPauseReason> = {
  client: 'client_reconnecting',
  model: 'reconnecting',
  appliance: 'appliance_reconnecting',
};

/** Carries out what the state machine decides: the only place with a call's timers. */
export class CallRunner {
  readonly media: CallMedia;
  readonly #deps: CallDeps;
  readonly #registry: CallRegistry;
  readonly #summaryChanged: (callId: CallId) => void;
  #isStopped = false;
  /** Calls with something to send at the end of this turn: to their people as well, or to the media process alone. */
  readonly #marked = new Map<ActiveCall, 'media' | 'all'>();
  /** Calls whose views wait for the rest of what is being done. */
  readonly #held = new Set<ActiveCall>();

  /** @param summaryChanged hears of a call that has something new to tell in its thread */
  constructor(deps: CallDeps, terms: CallTerms, registry: CallRegistry, summaryChanged: (callId: CallId) => void) {
    this.#deps = deps;
    this.#registry = registry;
    this.#summaryChanged = summaryChanged;
    this.media = new CallMedia(deps, terms.media, {
      calls: () => registry.all(),
      callOf: (callId) => registry.of(callId),
      mediaChanged: (call) => this.#mark(call, 'media'),
      happened: (call, event) => void this.dispatch(call, event),
    });
    deps.meter.onNotice((notice) => this.#onMeter(notice));
  }

  stop(): void {
    this.#isStopped = true;
    this.media.stop();
    for (const call of this.#registry.all()) call.stopTimers();
  }

  /** When the time is over the state machine hears of it, unless something has stopped it. */
  startTimer(call: ActiveCall, timer: TimerName, ms: number): void {
    call.startTimer(timer, ms, () => void this.dispatch(call, { type: 'timed_out', timer }));
  }

  /** From now on this run carries the call. */
  adopt(call: ActiveCall): void {
    this.#registry.adopt(call);
    this.#deps.metrics.callsOpen.set(this.#registry.size);
    this.#deps.presence.changed();
  }

  /** What the model may know of the caller, and the tips so far; a call goes on without either. */
  async decorate(call: ActiveCall): Promise<void> {
    const { clientId, modelId } = call.record;
    try {
      call.caller = await this.#deps.callers.cardOf(clientId, modelId);
      if (call.record.liveAt) await this.loadTips(call);
      if (call.facts.state !== 'ended') this.changed(call);
    } catch (error) {
      this.#deps.log.warn({ err: error, callId: call.callId }, 'little is known of a caller');
    }
  }

  /** Asks the ledger what was given in the call so far. */
  async loadTips(call: ActiveCall): Promise<void> {
    call.tipsMinor = sumOfTips(await this.#deps.ledger.tipsOfCalls([call.callId]));
  }

  /** The page that takes part from now on; the one before is told and let go. */
  attach(call: ActiveCall, side: Side, connectionId: number): void {
    const before = call.connections[side];
    call.connections[side] = connectionId;
    if (before !== null && before !== connectionId) {
      this.#deps.hub.sendToConnection(before, { type: 'call.detached', callId: call.callId });
    }
  }

  /** The page that takes part is closed. */
  pageGone(call: ActiveCall, side: Side): void {
    call.connections[side] = null;
    void this.dispatch(call, { type: 'detached', by: side });
  }

  /** For what happens by itself: an event that no longer fits is dropped. */
  async dispatch(call: ActiveCall, event: CallEvent): Promise<void> {
    await call
      .enqueue(async () => {
        if (event.type === 'timed_out' && !call.hasRunOut(event.timer)) return;
        await this.apply(call, event);
      })
      .catch((error: unknown) =>
        this.#deps.log.error({ err: error, callId: call.callId, event }, 'a call event failed'),
      );
  }

  /** Carries an event out; one that the call's state does not allow changes nothing. */
  async apply(call: ActiveCall, event: CallEvent): Promise<void> {
    if (this.#isStopped) return;
    const before = call.facts;
    const result = step(before, event);
    if ('refusal' in result) return;
    const atMs = monotonicMs();
    const at = { wall: new Date(), monoMs: atMs };
    call.facts = result.call;
    const [early, late] = partition(result.effects, (effect) => effect.do !== 'start_meter');
    for (const effect of early) this.#perform(call, effect, atMs);
    // That a call is live is told when it is written and its meter runs.
    if (late.length === 0) this.changed(call);
    if (before.state !== call.facts.state || before.outcome !== call.facts.outcome || event.type === 'waive')
      await this.#save(call, at);
    // Only a call that is durably live may charge: a crash must find it again.
    try {
      for (const effect of late) this.#perform(call, effect, atMs);
    } catch (error) {
      // Without a meter there is no call: media must not go on for nothing.
      this.#deps.log.error({ err: error, callId: call.callId }, 'the meter of a call could not be started');
      return this.apply(call, { type: 'failed' });
    }
    const isOver = call.facts.state === 'ended' && before.state !== 'ended';
    // Told again now that it is written: what pages ask of an ended call is answered from its row. One with a
    // meter is told again once it is settled.
    if (late.length > 0 || (isOver && !call.lastFigures)) this.changed(call);
    if (isOver) this.#finish(call);
  }

  #perform(call: ActiveCall, effect: Effect, atMs: number): void {
    const { meter } = this.#deps;
    const { callId } = call;
    switch (effect.do) {
      case 'start_timer': {
        const { lostBy } = call.facts;
        const isLoss = lostBy !== null && lostBy !== 'appliance';
        return this.startTimer(
          call,
          effect.timer,
          isLoss ? Math.min(effect.ms, call.lossLeftMs(lostBy, atMs)) : effect.ms,
        );
      }
      case 'stop_timer':
        return call.stopTimer(effect.timer);
      case 'open_media':
        return this.media.open(call);
      case 'start_media':
        return this.media.start(call);
      case 'close_media':
        return this.media.close(call);
      case 'start_meter':
        meter.open(call.record, call.balanceMinor, { paused: this.media.silence(call) });
        meter.start(callId, atMs);
        return this.media.meterStarted(call);
      case 'waive_meter':
        if (meter.waive(callId) === 'ok') call.isWaived = true;
        return;
      case 'pause_meter':
        call.lost(effect.lostBy, atMs);
        return meter.pause(callId, RECONNECTING[effect.lostBy], effect.sinceMs ?? atMs);
      case 'resume_meter':
        call.back(effect.lostBy, atMs);
        // New legs are up; where nothing flows through one yet, its side is silent from here on.
        for (const reason of this.media.silence(call)) meter.pause(callId, reason, atMs);
        return meter.resume(callId, RECONNECTING[effect.lostBy]);
      case 'end_meter':
        call.lastFigures = meter.figures(callId) ?? call.lastFigures;
        meter.end(callId, effect.by, effect.isHangUp);
        return;
    }
  }

  #onMeter(notice: MeterNotice): void {
    const call = this.#registry.of(notice.callId);
    if (notice.kind === 'closed') return void this.#settleOrLater(notice, call);
    if (!call) return;
    switch (notice.kind) {
      case 'posted':
        // Paid, and not due yet: media may go on, and nobody is told before the charge falls due.
        call.posted(notice.unit, notice.answer, notice.amountMinor);
        this.#mark(call, 'media');
        break;
      case 'charged':
        call.notAhead(notice.unit);
        this.changed(call);
        break;
      case 'suspended':
      case 'grace_over':
        void this.dispatch(call, { type: notice.kind });
        break;
      case 'restarted':
        // Acknowledged when it is true: the charge is posted and the call is live again.
        void this.dispatch(call, { type: notice.kind }).then(() => answerRestarts(call, null));
        break;
      case 'refused':
        call.balanceMinor = notice.answer.balanceMinor;
        if (this.#deps.meter.figures(call.callId)?.state === 'suspended') {
          answerRestarts(call, new UserError('insufficient_credit', NOT_COVERED));
        }
        break;
      case 'release_due':
        void this.#release(call, notice);
        this.#mark(call, 'media');
        break;
      default:
        this.changed(call);
    }
    if (this.#isShownInThread(notice, call)) this.#summaryChanged(notice.callId);
  }

  /** Charges by the second are told by the minute: when they have come to a whole number of rates. */
  #isShownInThread({ kind }: MeterNotice, { callId, record }: ActiveCall): boolean {
    if (kind === 'low_on' || kind === 'suspended') return true;
    return kind === 'charged' && (this.#deps.meter.figures(callId)?.chargedMinor ?? 0) % record.rateMinor === 0;
  }

  /** The meter has stopped for good: what was paid ahead goes back at once. What fails now is done at the end. */
  async #release(call: ActiveCall, { unit, lastUnit }: { unit: number; lastUnit: number }): Promise<void> {
    await call
      .enqueue(() => releaseUnits(call.record, unit, lastUnit, this.#deps))
      .catch((error: unknown) =>
        this.#deps.log.warn({ err: error, callId: call.callId }, 'units that were paid ahead go back at the end'),
      );
  }

  /** What cannot be settled now is left to the sweep. */
  async #settleOrLater(closed: Extract<MeterNotice, { kind: 'closed' }>, known: ActiveCall | undefined): Promise<void> {
    const { callId } = closed;
    try {
      await this.#settle(closed, known);
    } catch (error) {
      this.#registry.forget(callId);
      this.#deps.log.error({ err: error, callId }, 'a call could not be settled; trying again');
    }
  }

  /** The call's money comes to its end, after everything that led there; then both see the last word. */
  async #settle(closed: Extract<MeterNotice, { kind: 'closed' }>, known: ActiveCall | undefined): Promise<void> {
    const call = known ?? this.#registry.closing(closed.callId);
    if (!call) return this.#deps.log.error({ callId: closed.callId }, 'the meter closed a call that nobody knows');
    answerRestarts(call, new UserError('wrong_state'));
    await call.enqueue(async () => {
      const chargedMinor = await settle(call.record, { ...closed, forwardedMs: call.forwardedMs }, this.#deps);
      this.#registry.settled(call.callId);
      // What the call came to is known now: lists of operators, such as reports about it, are read again.
      this.#deps.hub.sendToRole('operator', { type: 'money' });
      this.#summaryChanged(call.callId);
      if (call.lastFigures) {
        const { billableMs, unitsCharged } = closed;
        call.lastFigures = {
          ...call.lastFigures,
          state: 'closed',
          reasons: [],
          billableMs,
          unitsCharged,
          chargedMinor,
        };
      }
      this.changed(call);
    });
  }

  #finish(call: ActiveCall): void {
    call.stopTimers();
    this.#registry.finish(call);
    if (!call.lastFigures) this.#summaryChanged(call.callId);
    this.#deps.metrics.callsOpen.set(this.#registry.size);
    this.#deps.metrics.callsEnded.inc({ outcome: call.facts.outcome ?? 'none' });
    this.#deps.presence.changed();
    this.#deps.log.info(
      { callId: call.callId, outcome: call.facts.outcome, endedBy: call.facts.endedBy },
      'call ended',
    );
  }

  /** Until it is written: what people were told must not be forgotten by a crash. */
  async #save(call: ActiveCall, at: { wall: Date; monoMs: number }): Promise<void> {
    while (!this.#isStopped) {
      try {
        return await this.#deps.records.save(call.callId, call.facts, call, at);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        this.#deps.log.warn({ err: error, callId: call.callId }, 'a call could not be saved; trying again');
        await new Promise((resolve) => setTimeout(resolve, SAVE_RETRY_MS));
      }
    }
  }

  /**
   * The call has changed. At the end of this turn its media is set and both people see it, once for all that happened:
   * a step of the call and what its meter makes of it are one fact.
   */
  changed(call: ActiveCall): void {
    this.#mark(call, 'all');
  }

  /** What `work` does is one fact: both see it when all of it is done. */
  async asOne(call: ActiveCall, work: () => Promise<void>): Promise<void> {
    this.#held.add(call);
    try {
      await work();
    } finally {
      this.#held.delete(call);
      this.changed(call);
    }
  }

  #mark(call: ActiveCall, what: 'media' | 'all'): void {
    if (this.#marked.size === 0) queueMicrotask(() => this.#sendMarked());
    if (what === 'all' || !this.#marked.has(call)) this.#marked.set(call, what);
  }

  /** A fault with one call must not keep from the others what is theirs. */
  #sendMarked(): void {
    const marked = [...this.#marked];
    this.#marked.clear();
    if (this.#isStopped) return;
    for (const [call, what] of marked) {
      try {
        this.media.lease(call);
        if (what === 'all' && !this.#held.has(call)) this.#sendViews(call);
      } catch (error) {
        this.#deps.log.error({ err: error, callId: call.callId }, 'a change of a call could not be sent');
      }
    }
  }

  /** Both people, on every page of theirs, see the call as it is now. */
  #sendViews(call: ActiveCall): void {
    const figures = this.#deps.meter.figures(call.callId);
    if (figures) call.lastFigures = figures;
    for (const side of ['client', 'model'] as const) {
      this.#deps.hub.sendToPerson(call.personOf(side), { type: 'call', call: call.viewFor(side, figures) });
    }
  }
}

/** Whoever waits for a restart hears how it went. */
function answerRestarts(call: ActiveCall, error: Error | null): void {
  for (const { done, refused } of call.restarts.splice(0)) {
    if (error) refused(error);
    else done();
  }
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
