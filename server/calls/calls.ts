import { monotonicMs } from '../clock/index.ts';
import {
  type CallerCard,
  type CallId,
  type Minor,
  type PersonId,
  RING_MS,
  type Side,
  type Studio,
  type Tariff,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Connection, Hub } from '../hub/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { MediaControl } from '../media/index.ts';
import type { Meter, MeterLog, MeterNotice } from '../meter/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { ActiveCall } from './active-call.ts';
import { CallMedia, type MediaTerms } from './call-media.ts';
import type { LinkTests } from './link-tests.ts';
import { type CallEvent, type Effect, newCall, otherSide, step, type TimerName } from './machine.ts';
import type { Presence } from './presence.ts';
import type { CallRecord, CallRecords } from './records.ts';
import { CallRegistry } from './registry.ts';
import { settle } from './settlement.ts';
import { sumOfTips } from './tips.ts';
import { Upkeep } from './upkeep.ts';

/** The rooms that a call's life needs. */
export interface CallRoom {
  readonly hub: Hub;
  readonly ledger: Ledger;
  readonly meter: Meter;
  readonly meterLog: MeterLog;
  readonly media: MediaControl;
  readonly records: CallRecords;
  readonly presence: Presence;
  readonly callers: Callers;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What others have found out about a caller. */
export interface Callers {
  /** Whether a block stands between the two. */
  isBlocked(clientId: PersonId, modelId: PersonId): Promise<boolean>;
  cardOf(clientId: PersonId, modelId: PersonId): Promise<CallerCard>;
}

export interface CallTerms {
  readonly tariff: Tariff;
  readonly sharePercent: number;
  readonly graceMs: number;
  readonly media: MediaTerms;
}

const SAVE_RETRY_MS = 200;

/** Carries out what the state machine decides: the only place with a call's timers. */
export class Calls {
  readonly #rooms: CallRoom;
  readonly #terms: CallTerms;
  readonly #registry = new CallRegistry();
  readonly #media: CallMedia;
  readonly #upkeep: Upkeep;
  #onStory: (callId: CallId) => void = () => {};
  #onRing: (call: CallRecord) => void = () => {};
  #isStopped = false;

  constructor(rooms: CallRoom, terms: CallTerms) {
    this.#rooms = rooms;
    this.#terms = terms;
    this.#media = new CallMedia(rooms, terms.media, {
      calls: () => this.#registry.all(),
      callOf: (callId) => this.#registry.of(callId),
      happened: (call, event) => void this.#dispatch(call, event),
    });
    this.#upkeep = new Upkeep(rooms, terms.graceMs, this.#registry, {
      adopt: (call) => this.#adopt(call),
      startTimer: (call, timer, ms) => call.startTimer(timer, ms, () => this.#timedOut(call, timer)),
      happened: (call, event) => this.#dispatch(call, event),
      story: ({ callId }) => this.#onStory(callId),
    });
    rooms.meter.onNotice((notice) => this.#onMeter(notice));
  }

  /** Finds again what an earlier run left open. */
  recover(): Promise<void> {
    return this.#upkeep.recover();
  }

  /** Sets right what nothing would ever move on. @returns what was found; empty is how it should be */
  sweep(): Promise<string[]> {
    return this.#upkeep.sweep();
  }

  /** Called when a call has something new to tell in its thread. */
  onStory(listener: (callId: CallId) => void): void {
    this.#onStory = listener;
  }

  /** Called when a model is rung. */
  onRing(listener: (call: CallRecord) => void): void {
    this.#onRing = listener;
  }

  isInCall(personId: PersonId): boolean {
    return this.#registry.ofPerson(personId) !== undefined;
  }

  /** Every call that has not ended, for the operator. */
  overview(): Studio['calls'] {
    return [...this.#registry.all()].map(({ callId, record, facts }) => {
      const figures = this.#rooms.meter.figures(callId);
      return {
        callId,
        state: facts.state,
        clientName: record.client.displayName,
        modelName: record.model.displayName,
        meterState: figures?.state ?? null,
        reasons: figures?.reasons ?? [],
        billableMs: figures?.billableMs ?? 0,
        chargedMinor: toMinor(figures?.chargedMinor ?? 0),
        rateMinor: record.rateMinor,
      };
    });
  }

  /** Stops acting. Calls stay as they are in the database and are found again at the next start. */
  stop(): void {
    this.#isStopped = true;
    this.#media.stop();
    for (const call of this.#registry.all()) call.stopTimers();
  }

  /**
   * A client rings a model. The terms are copied now; a later change of her profile never touches them.
   * @throws UserError `model_unavailable`, `model_busy`, `already_in_call`, `person_not_found`; who is blocked hears no more
   *   than that she is not there
   */
  async ring(from: Connection, modelId: PersonId): Promise<CallId> {
    if (from.role !== 'client') throw new UserError('not_allowed', 'Only a client can ring a model.');
    if (this.#registry.ofPerson(from.personId)) throw new UserError('already_in_call');
    const { records, presence, ledger } = this.#rooms;
    const { profile } = await presence.ringable(modelId);
    if (await this.#rooms.callers.isBlocked(from.personId, modelId)) throw new UserError('model_unavailable');
    const balanceMinor = await ledger.balanceOf(from.personId, 'client');
    const record = await records.insert({
      clientId: from.personId,
      modelId,
      rateMinor: profile.rateMinor,
      minimumMin: profile.minimumMin,
      tariff: this.#terms.tariff,
      sharePercent: this.#terms.sharePercent,
    });
    const call = new ActiveCall(record, newCall(), balanceMinor);
    call.connections.client = from.connectionId;
    call.startTimer('ring', RING_MS, () => this.#timedOut(call, 'ring'));
    await this.#adopt(call);
    this.#tell(call);
    this.#onRing(record);
    // The page may have gone while the row was written.
    if (!this.#rooms.hub.isConnected(from.connectionId)) this.#pageGone(call, 'client');
    return record.callId;
  }

  /**
   * Something that a person of the call does.
   * @throws UserError when it is not theirs to do, or not now; nothing has changed then
   */
  async act(from: Connection, callId: CallId, action: PersonAction): Promise<void> {
    const call = this.#callOf(from, callId);
    const side = call.sideOf(from.personId) as Side;
    await call.enqueue(async () => {
      const event = { ...action, by: side } as CallEvent;
      const asked = step(call.facts, event);
      if ('refusal' in asked) throw new UserError(asked.refusal);
      if (action.type === 'connect') await this.#mustCoverStart(call, side);
      if (action.type === 'restart') await this.#mustCoverUnit(call);
      if (action.type === 'reject') call.rejectReason = action.reason?.trim() ?? null;
      if (action.type === 'accept' || action.type === 'attached') this.#attach(call, side, from.connectionId);
      await this.#apply(call, event);
    });
  }

  /**
   * The client gives the model a tip from the credit.
   * @throws UserError `not_allowed`, `wrong_state`, `balance_too_low`, `key_reused`; nothing has changed then
   */
  async tip(from: Connection, callId: CallId, amountMinor: Minor, key: string): Promise<void> {
    const call = this.#callOf(from, callId);
    if (call.sideOf(from.personId) !== 'client') throw new UserError('not_allowed', 'Only the client can give a tip.');
    await call.enqueue(async () => {
      if (call.facts.state !== 'live' && call.facts.state !== 'suspended') throw new UserError('wrong_state');
      const { clientId, modelId, sharePercent } = call.record;
      await this.#rooms.ledger.tip({ callId, clientId, modelId, sharePercent, amountMinor, key });
      await this.#learnTips(call);
      this.#tell(call);
    });
    this.#onStory(callId);
  }

  /** One of two people wants nothing to do with the other any more: a call between them ends by their doing. */
  async blocked(blockerId: PersonId, otherId: PersonId): Promise<void> {
    const call = this.#registry.ofPerson(blockerId);
    const side = call?.sideOf(blockerId);
    if (!call || !side || call.personOf(otherSide(side)) !== otherId) return;
    await this.#dispatch(call, { type: 'hang_up', by: side });
  }

  /** The operator ends a call: nothing more is charged. @throws UserError `call_not_found` */
  async endByOperator(callId: CallId): Promise<void> {
    const call = this.#registry.of(callId);
    if (!call) throw new UserError('call_not_found');
    await call.enqueue(() => this.#apply(call, { type: 'operator_ended' }));
  }

  /** The operator shuts a person out: the call that they are in ends, and nothing more is charged. */
  async endOfPerson(personId: PersonId): Promise<void> {
    const call = this.#registry.ofPerson(personId);
    if (call) await this.endByOperator(call.callId);
  }

  /** What a page says of the leg that is its own. */
  media(from: Connection, message: Parameters<CallMedia['take']>[1]): void {
    this.#media.take(from, message);
  }

  /** Whether a page can take media over WebTransport. */
  mediaAble(from: Connection, isAble: boolean): void {
    this.#media.able(from, isAble);
  }

  /** Tests of pages' links outside of calls. */
  get linkTests(): LinkTests {
    return this.#media.tests;
  }

  /** A page has connected: it hears of the call that its person is in. */
  pageOpened(connection: Connection): void {
    const call = this.#registry.ofPerson(connection.personId);
    const side = call?.sideOf(connection.personId);
    if (call && side) {
      const view = call.viewFor(side, this.#rooms.meter.figures(call.callId));
      this.#rooms.hub.sendToConnection(connection.connectionId, { type: 'call', call: view });
    }
  }

  pageClosed(connection: Connection): void {
    this.#media.tests.pageClosed(connection);
    this.#media.pageClosed(connection);
    const call = this.#registry.ofPerson(connection.personId);
    const side = call?.sideOfConnection(connection.connectionId);
    if (call && side) this.#pageGone(call, side);
  }

  /** The ledger says what a person has now. */
  balanceChanged(personId: PersonId, balanceMinor: Minor): void {
    const call = this.#registry.ofPerson(personId);
    if (call?.sideOf(personId) !== 'client') return;
    call.balanceMinor = balanceMinor;
    this.#rooms.meter.credit(call.callId, balanceMinor);
    this.#tell(call);
  }

  async #adopt(call: ActiveCall): Promise<void> {
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
      if (call.record.liveAt) await this.#learnTips(call);
    } catch (error) {
      this.#rooms.log.warn({ err: error, callId: call.callId }, 'little is known of a caller');
    }
  }

  async #learnTips(call: ActiveCall): Promise<void> {
    call.tipsMinor = sumOfTips(await this.#rooms.ledger.tipsOfCalls([call.callId]));
  }

  #callOf(from: Connection, callId: CallId): ActiveCall {
    const call = this.#registry.of(callId);
    if (!call?.sideOf(from.personId)) throw new UserError('call_not_found');
    return call;
  }

  /** Charging rule 6: the minimum, or one minute, must be there when the client connects. */
  async #mustCoverStart(call: ActiveCall, side: Side): Promise<void> {
    if (side !== 'client') return;
    call.balanceMinor = await this.#rooms.ledger.balanceOf(call.record.clientId, 'client');
    if (call.balanceMinor < call.startCostMinor) throw new UserError('insufficient_credit');
  }

  async #mustCoverUnit(call: ActiveCall): Promise<void> {
    call.balanceMinor = await this.#rooms.ledger.balanceOf(call.record.clientId, 'client');
    const unitMinor =
      call.record.tariff === 'per_minute' ? call.record.rateMinor : Math.ceil(call.record.rateMinor / 60);
    if (call.balanceMinor < unitMinor) {
      throw new UserError('insufficient_credit', 'The credit does not cover the next minute. Add credit first.');
    }
    this.#rooms.meter.credit(call.callId, call.balanceMinor);
  }

  /** The page that takes part from now on; the one before is told and let go. */
  #attach(call: ActiveCall, side: Side, connectionId: number): void {
    const before = call.connections[side];
    call.connections[side] = connectionId;
    if (before !== null && before !== connectionId) {
      this.#rooms.hub.sendToConnection(before, { type: 'call.detached', callId: call.callId });
    }
  }

  #pageGone(call: ActiveCall, side: Side): void {
    call.connections[side] = null;
    void this.#dispatch(call, { type: 'detached', by: side });
  }

  #timedOut(call: ActiveCall, timer: TimerName): void {
    void this.#dispatch(call, { type: 'timed_out', timer });
  }

  /** For what happens by itself: an event that no longer fits is dropped. */
  async #dispatch(call: ActiveCall, event: CallEvent): Promise<void> {
    await call
      .enqueue(async () => {
        if (event.type === 'timed_out' && !call.hasRunOut(event.timer)) return;
        await this.#apply(call, event);
      })
      .catch((error: unknown) =>
        this.#rooms.log.error({ err: error, callId: call.callId, event }, 'a call event failed'),
      );
  }

  /** Carries an event out; one that the call's state does not allow changes nothing. */
  async #apply(call: ActiveCall, event: CallEvent): Promise<void> {
    if (this.#isStopped) return;
    const before = call.facts;
    const result = step(before, event);
    if ('refusal' in result) return;
    const atMs = monotonicMs();
    call.facts = result.call;
    if (event.type === 'mute') this.#media.willing(call, event.by);
    const [early, late] = partition(result.effects, (effect) => effect.do !== 'start_meter');
    for (const effect of early) this.#perform(call, effect, atMs);
    this.#tell(call);
    if (before.state !== call.facts.state || before.outcome !== call.facts.outcome || event.type === 'waive')
      await this.#save(call);
    // Only a call that is durably live may charge: a crash must find it again.
    try {
      for (const effect of late) this.#perform(call, effect, atMs);
    } catch (error) {
      // Without a meter there is no call: media must not go on for nothing.
      this.#rooms.log.error({ err: error, callId: call.callId }, 'the meter of a call could not be started');
      return this.#apply(call, { type: 'failed' });
    }
    if (late.length > 0) this.#tell(call);
    if (call.facts.state === 'ended') this.#finish(call);
  }

  #perform(call: ActiveCall, effect: Effect, atMs: number): void {
    const { meter } = this.#rooms;
    const { callId } = call;
    switch (effect.do) {
      case 'start_timer':
        return call.startTimer(effect.timer, effect.ms, () => this.#timedOut(call, effect.timer));
      case 'stop_timer':
        return call.stopTimer(effect.timer);
      case 'open_media':
        return this.#media.open(call);
      case 'start_media':
        return this.#media.start(call);
      case 'close_media':
        return this.#media.close(call);
      case 'start_meter':
        meter.open(call.record, call.balanceMinor);
        meter.start(callId, atMs);
        if (call.silent.size > 0) meter.pause(callId, 'no_media', atMs);
        return this.#media.meterStarted(call);
      case 'restart_meter':
        if (meter.restart(callId) !== 'ok') this.#rooms.log.warn({ callId }, 'a restart came too late');
        return;
      case 'waive_meter':
        if (meter.waive(callId) === 'ok') call.isWaived = true;
        return this.#media.lease(call);
      case 'pause_meter':
        meter.pause(callId, effect.reason, atMs);
        return this.#media.lease(call);
      case 'resume_meter':
        meter.resume(callId, effect.reason);
        return this.#media.lease(call);
      case 'end_meter':
        call.lastFigures = meter.figures(callId) ?? call.lastFigures;
        return meter.end(callId, effect.by);
    }
  }

  #onMeter(notice: MeterNotice): void {
    const call = this.#registry.of(notice.callId);
    if (notice.kind === 'closed') return void this.#settleOrLater(notice, call);
    if (!call) return;
    this.#media.lease(call);
    if (notice.kind === 'suspended' || notice.kind === 'restarted' || notice.kind === 'grace_over') {
      void this.#dispatch(call, { type: notice.kind });
    } else this.#tell(call);
    if (isToldInThread(notice, call.record.tariff)) this.#onStory(notice.callId);
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
      this.#onStory(call.callId);
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
      this.#tell(call);
    });
  }

  #finish(call: ActiveCall): void {
    call.stopTimers();
    this.#registry.finish(call);
    if (!call.lastFigures) this.#onStory(call.callId);
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
  #tell(call: ActiveCall): void {
    const figures = this.#rooms.meter.figures(call.callId);
    if (figures) call.lastFigures = figures;
    for (const side of ['client', 'model'] as const) {
      this.#rooms.hub.sendToPerson(call.personOf(side), { type: 'call', call: call.viewFor(side, figures) });
    }
  }
}

/** What a person can do in a call; whose doing it is, the call knows. */
export type PersonAction =
  | { readonly type: 'reject'; readonly reason?: string | undefined }
  | { readonly type: 'accept' | 'connect' | 'hang_up' | 'restart' | 'waive' | 'attached' }
  | { readonly type: 'mute'; readonly isMuted: boolean; readonly isCameraOff: boolean };

/** Charges by the second are told by the minute. */
function isToldInThread(notice: MeterNotice, tariff: Tariff): boolean {
  if (notice.kind === 'charged') return tariff === 'per_minute' || notice.unit % 60 === 0;
  return notice.kind === 'low_on' || notice.kind === 'suspended';
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
