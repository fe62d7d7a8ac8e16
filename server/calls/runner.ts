import { monotonicMs } from '../clock/index.ts';
import type { CallId, Side, Tariff } from '../contract/index.ts';
import type { MeterNotice } from '../meter/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { ActiveCall } from './active-call.ts';
import { CallMedia } from './call-media.ts';
import { type CallEvent, type Effect, step, type TimerName } from './machine.ts';
import type { CallRegistry } from './registry.ts';
import type { CallRoom, CallTerms } from './rooms.ts';
import { settle } from './settlement.ts';
import { sumOfTips } from './tips.ts';

const SAVE_RETRY_MS = 200;

/** Carries out what the state machine decides: the only place with a call's timers. */
export class CallRunner {
  readonly media: CallMedia;
  readonly #rooms: CallRoom;
  readonly #registry: CallRegistry;
  readonly #story: (callId: CallId) => void;
  #isStopped = false;

  /** @param story hears of a call that has something new to tell in its thread */
  constructor(rooms: CallRoom, terms: CallTerms, registry: CallRegistry, story: (callId: CallId) => void) {
    this.#rooms = rooms;
    this.#registry = registry;
    this.#story = story;
    this.media = new CallMedia(rooms, terms.media, {
      calls: () => registry.all(),
      callOf: (callId) => registry.of(callId),
      happened: (call, event) => void this.dispatch(call, event),
    });
    rooms.meter.onNotice((notice) => this.#onMeter(notice));
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
  async adopt(call: ActiveCall): Promise<void> {
    this.#registry.adopt(call);
    this.#rooms.metrics.callsOpen.set(this.#registry.size);
    this.#rooms.presence.changed();
    await this.#learn(call);
  }

  /** What the model may know of the caller, and the tips so far; a call goes on without either. */
  async #learn(call: ActiveCall): Promise<void> {
    const { clientId, modelId } = call.record;
    try {
      call.caller = await this.#rooms.callers.cardOf(clientId, modelId);
      if (call.record.liveAt) await this.learnTips(call);
    } catch (error) {
      this.#rooms.log.warn({ err: error, callId: call.callId }, 'little is known of a caller');
    }
  }

  /** Asks the ledger what was given in the call so far. */
  async learnTips(call: ActiveCall): Promise<void> {
    call.tipsMinor = sumOfTips(await this.#rooms.ledger.tipsOfCalls([call.callId]));
  }

  /** The page that takes part from now on; the one before is told and let go. */
  attach(call: ActiveCall, side: Side, connectionId: number): void {
    const before = call.connections[side];
    call.connections[side] = connectionId;
    if (before !== null && before !== connectionId) {
      this.#rooms.hub.sendToConnection(before, { type: 'call.detached', callId: call.callId });
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
        this.#rooms.log.error({ err: error, callId: call.callId, event }, 'a call event failed'),
      );
  }

  /** Carries an event out; one that the call's state does not allow changes nothing. */
  async apply(call: ActiveCall, event: CallEvent): Promise<void> {
    if (this.#isStopped) return;
    const before = call.facts;
    const result = step(before, event);
    if ('refusal' in result) return;
    const atMs = monotonicMs();
    call.facts = result.call;
    if (event.type === 'mute') this.media.willing(call, event.by);
    const [early, late] = partition(result.effects, (effect) => effect.do !== 'start_meter');
    for (const effect of early) this.#perform(call, effect, atMs);
    this.tell(call);
    if (before.state !== call.facts.state || before.outcome !== call.facts.outcome || event.type === 'waive')
      await this.#save(call);
    // Only a call that is durably live may charge: a crash must find it again.
    try {
      for (const effect of late) this.#perform(call, effect, atMs);
    } catch (error) {
      // Without a meter there is no call: media must not go on for nothing.
      this.#rooms.log.error({ err: error, callId: call.callId }, 'the meter of a call could not be started');
      return this.apply(call, { type: 'failed' });
    }
    const isOver = call.facts.state === 'ended';
    // Told again now that it is written: what pages ask of an ended call is answered from its row. One with a
    // meter is told again once it is settled.
    if (late.length > 0 || (isOver && !call.lastFigures)) this.tell(call);
    if (isOver) this.#finish(call);
  }

  #perform(call: ActiveCall, effect: Effect, atMs: number): void {
    const { meter } = this.#rooms;
    const { callId } = call;
    switch (effect.do) {
      case 'start_timer':
        return this.startTimer(call, effect.timer, effect.ms);
      case 'stop_timer':
        return call.stopTimer(effect.timer);
      case 'open_media':
        return this.media.open(call);
      case 'start_media':
        return this.media.start(call);
      case 'close_media':
        return this.media.close(call);
      case 'start_meter':
        meter.open(call.record, call.balanceMinor);
        meter.start(callId, atMs);
        if (call.silent.size > 0) meter.pause(callId, 'no_media', atMs);
        return this.media.meterStarted(call);
      case 'restart_meter':
        if (meter.restart(callId) !== 'ok') this.#rooms.log.warn({ callId }, 'a restart came too late');
        return;
      case 'waive_meter':
        if (meter.waive(callId) === 'ok') call.isWaived = true;
        return this.media.lease(call);
      case 'pause_meter':
        meter.pause(callId, effect.reason, atMs);
        return this.media.lease(call);
      case 'resume_meter':
        meter.resume(callId, effect.reason);
        return this.media.lease(call);
      case 'end_meter':
        call.lastFigures = meter.figures(callId) ?? call.lastFigures;
        return meter.end(callId, effect.by);
    }
  }

  #onMeter(notice: MeterNotice): void {
    const call = this.#registry.of(notice.callId);
    if (notice.kind === 'closed') return void this.#settleOrLater(notice, call);
    if (!call) return;
    this.media.lease(call);
    if (notice.kind === 'suspended' || notice.kind === 'restarted' || notice.kind === 'grace_over') {
      void this.dispatch(call, { type: notice.kind });
    } else this.tell(call);
    if (isToldInThread(notice, call.record.tariff)) this.#story(notice.callId);
  }

  /** What cannot be settled now is left to the sweep. */
  async #settleOrLater(closed: Extract<MeterNotice, { kind: 'closed' }>, known: ActiveCall | undefined): Promise<void> {
    const { callId } = closed;
    try {
      await this.#settle(closed, known);
    } catch (error) {
      this.#registry.forget(callId);
      this.#rooms.log.error({ err: error, callId }, 'a call could not be settled; trying again');
    }
  }

  /** The call's money comes to its end, after everything that led there; then both see the last word. */
  async #settle(closed: Extract<MeterNotice, { kind: 'closed' }>, known: ActiveCall | undefined): Promise<void> {
    const call = known ?? this.#registry.closing(closed.callId);
    if (!call) return this.#rooms.log.error({ callId: closed.callId }, 'the meter closed a call that nobody knows');
    await call.enqueue(async () => {
      const chargedMinor = await settle(call.record, closed, this.#rooms);
      this.#registry.settled(call.callId);
      // What the call came to is known now: lists of operators, such as reports about it, are read again.
      this.#rooms.hub.sendToRole('operator', { type: 'money' });
      this.#story(call.callId);
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
      this.tell(call);
    });
  }

  #finish(call: ActiveCall): void {
    call.stopTimers();
    this.#registry.finish(call);
    if (!call.lastFigures) this.#story(call.callId);
    this.#rooms.metrics.callsOpen.set(this.#registry.size);
    this.#rooms.metrics.callsEnded.inc({ outcome: call.facts.outcome ?? 'none' });
    this.#rooms.presence.changed();
    this.#rooms.log.info(
      { callId: call.callId, outcome: call.facts.outcome, endedBy: call.facts.endedBy },
      'call ended',
    );
  }

  /** Until it is written: what people were told must not be forgotten by a crash. */
  async #save(call: ActiveCall): Promise<void> {
    while (!this.#isStopped) {
      try {
        return await this.#rooms.records.save(call.callId, call.facts, call);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        this.#rooms.log.warn({ err: error, callId: call.callId }, 'a call could not be saved; trying again');
        await new Promise((resolve) => setTimeout(resolve, SAVE_RETRY_MS));
      }
    }
  }

  /** Both people, on every page of theirs, see the call as it is now. */
  tell(call: ActiveCall): void {
    const figures = this.#rooms.meter.figures(call.callId);
    if (figures) call.lastFigures = figures;
    for (const side of ['client', 'model'] as const) {
      this.#rooms.hub.sendToPerson(call.personOf(side), { type: 'call', call: call.viewFor(side, figures) });
    }
  }
}

/** Charges by the second are told by the minute. */
function isToldInThread(notice: MeterNotice, tariff: Tariff): boolean {
  if (notice.kind === 'charged') return tariff === 'per_minute' || notice.unit % 60 === 0;
  return notice.kind === 'low_on' || notice.kind === 'suspended';
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
