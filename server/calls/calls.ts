import { monotonicMs } from '../clock/index.ts';
import type { ConnectionTests } from '../connections/index.ts';
import {
  type CallId,
  type Minor,
  otherSide,
  type PersonId,
  RING_MS,
  type Side,
  type Studio,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Connection } from '../hub/index.ts';
import { ActiveCall } from './active-call.ts';
import type { CallMedia } from './call-media.ts';
import type { CallDeps, CallTerms } from './deps.ts';
import { type CallEvent, isLost, newCall, step } from './machine.ts';
import type { CallRecord } from './records.ts';
import { CallRegistry } from './registry.ts';
import { checkRing } from './ring-limits.ts';
import { CallRunner } from './runner.ts';
import { Upkeep } from './upkeep.ts';

/** The public API of a call's life: what people, pages, the operator and the ledger may ask of it. */
export class Calls {
  readonly #deps: CallDeps;
  readonly #terms: CallTerms;
  readonly #registry = new CallRegistry();
  readonly #runner: CallRunner;
  readonly #upkeep: Upkeep;
  #onSummary: (callId: CallId) => void = () => {};
  #onRing: (call: CallRecord) => void = () => {};

  constructor(deps: CallDeps, terms: CallTerms) {
    this.#deps = deps;
    this.#terms = terms;
    this.#runner = new CallRunner(deps, terms, this.#registry, (callId) => this.#onSummary(callId));
    this.#upkeep = new Upkeep(deps, terms.graceMs, this.#registry, {
      adopt: (call) => {
        this.#runner.adopt(call);
        return this.#runner.decorate(call);
      },
      startTimer: (call, timer, ms) => this.#runner.startTimer(call, timer, ms),
      happened: (call, event) => this.#runner.dispatch(call, event),
      summaryChanged: ({ callId }) => this.#onSummary(callId),
    });
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
  onSummary(listener: (callId: CallId) => void): void {
    this.#onSummary = listener;
  }

  /** Called when a model is rung. */
  onRing(listener: (call: CallRecord) => void): void {
    this.#onRing = listener;
  }

  isInCall(personId: PersonId): boolean {
    return this.#registry.ofPerson(personId) !== undefined;
  }

  /** Whether these two are in a call with each other, which may still ring. */
  isBetween(one: PersonId, other: PersonId): boolean {
    return one !== other && Boolean(this.#registry.ofPerson(one)?.sideOf(other));
  }

  /** Every call that has not ended, for the operator. */
  overview(): Studio['calls'] {
    return [...this.#registry.all()].map(({ callId, record, facts }) => {
      const figures = this.#deps.meter.figures(callId);
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
    this.#runner.stop();
  }

  /**
   * A client rings a model. The terms are copied now; a later change of her profile never touches them.
   * @throws UserError `model_unavailable`, `model_busy`, `already_in_call`, `person_not_found`, `too_many_rings`,
   *   `too_many_looks`, `looked_too_often`; who is blocked hears no more than that she is not there
   */
  async ring(from: Connection, modelId: PersonId): Promise<CallId> {
    if (from.role !== 'client') throw new UserError('not_allowed', 'Only a client can ring a model.');
    if (this.#registry.ofPerson(from.personId)) throw new UserError('already_in_call');
    const { records, presence, ledger } = this.#deps;
    const { profile, refusesLooks, sharePercent } = await presence.ringable(modelId);
    if (await this.#deps.callers.isBlocked(from.personId, modelId)) throw new UserError('model_unavailable');
    checkRing(await records.ringHistory(from.personId, modelId), this.#terms.rings, refusesLooks);
    const balanceMinor = await ledger.balanceOf(from.personId, 'client');
    const record = await records.insert({
      clientId: from.personId,
      modelId,
      rateMinor: profile.rateMinor,
      minimumMin: profile.minimumMin,
      tariff: this.#terms.tariff,
      sharePercent: sharePercent ?? this.#terms.sharePercent,
    });
    const call = new ActiveCall(record, newCall(), balanceMinor);
    call.connections.client = from.connectionId;
    this.#runner.startTimer(call, 'ring', RING_MS);
    this.#runner.adopt(call);
    this.#runner.changed(call);
    this.#onRing(record);
    // The ring waits for nothing that decorates it.
    void this.#runner.decorate(call);
    // The page may have gone while the row was written.
    if (!this.#deps.hub.isConnected(from.connectionId)) this.#runner.pageGone(call, 'client');
    return record.callId;
  }

  /**
   * Something that a person of the call does.
   * @throws UserError when it is not theirs to do, or not now; nothing has changed then
   */
  async act(from: Connection, callId: CallId, action: PersonAction): Promise<void> {
    if (action.type === 'hang_up' && (await this.#endsToo(from, callId))) return;
    const call = this.#callOf(from, callId);
    const side = call.sideOf(from.personId) as Side;
    if (action.type === 'restart') return this.#restart(call, side);
    if (action.type === 'mute') {
      this.#runner.media.switches(call, side, action);
      // Said again twice a second while it is so: nothing has changed.
      const { isMuted, isCameraOff } = call.facts.sides[side];
      if (isMuted === action.isMuted && isCameraOff === action.isCameraOff) return;
    }
    if (action.type === 'hang_up') call.hungUpAtMs[side] ??= monotonicMs();
    await call.enqueue(async () => {
      // It waited for what came before, and the call has ended by that: whose end it is has been judged.
      if (action.type === 'hang_up' && call.facts.state === 'ended') {
        if (side === call.facts.endedBy) return;
        throw new UserError('wrong_state');
      }
      const event = { ...action, by: action.type === 'hang_up' ? call.endsBy(side) : side } as CallEvent;
      const asked = step(call.facts, event);
      if ('refusal' in asked) throw new UserError(asked.refusal);
      if (action.type === 'connect') await this.#mustCoverStart(call, side);
      // The call's own state may not have heard yet that its money has run out: a waiver that does nothing is refused.
      if (action.type === 'waive' && !this.#canWaive(call)) throw new UserError('wrong_state');
      if (action.type === 'reject') call.rejectReason = action.reason?.trim() ?? null;
      if (action.type === 'attached') call.countLegs(side);
      const takesPart = action.type === 'accept' || action.type === 'attached';
      if (takesPart) this.#runner.attach(call, side, from.connectionId);
      await this.#runner.apply(call, event);
      // It may have closed while this was waiting for what came before.
      if (takesPart && !this.#deps.hub.isConnected(from.connectionId)) this.#runner.pageGone(call, side);
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
      const keepMinor = call.heldMinor(this.#deps.meter.figures(callId));
      await this.#runner.asOne(call, async () => {
        await this.#deps.ledger.tip({ callId, clientId, modelId, sharePercent, amountMinor, key, keepMinor });
        await this.#runner.loadTips(call);
      });
    });
    this.#onSummary(callId);
  }

  /** A tip went back: a call that goes on shows what is left. */
  async tipsChanged(callId: CallId): Promise<void> {
    const call = this.#registry.of(callId);
    if (!call) return;
    await this.#runner.loadTips(call);
    this.#runner.changed(call);
  }

  /** One of two people wants nothing to do with the other any more: a call between them ends by their doing. */
  async blocked(blockerId: PersonId, otherId: PersonId): Promise<void> {
    const call = this.#registry.ofPerson(blockerId);
    const side = call?.sideOf(blockerId);
    if (!call || !side || call.personOf(otherSide(side)) !== otherId) return;
    await this.#runner.dispatch(call, { type: 'hang_up', by: side });
  }

  /** The operator ends a call: nothing more is charged. @throws UserError `call_not_found` */
  async endByOperator(callId: CallId): Promise<void> {
    const call = this.#registry.of(callId);
    if (!call) throw new UserError('call_not_found');
    await call.enqueue(() => this.#runner.apply(call, { type: 'operator_ended' }));
  }

  /** The operator shuts a person out: the call that they are in ends, and nothing more is charged. */
  async endOfPerson(personId: PersonId): Promise<void> {
    const call = this.#registry.ofPerson(personId);
    if (call) await this.endByOperator(call.callId);
  }

  /** What a page says of the leg that is its own. */
  media(from: Connection, message: Parameters<CallMedia['take']>[1]): void {
    this.#runner.media.take(from, message);
  }

  /** Whether a page can take media over WebTransport. */
  mediaAble(from: Connection, isAble: boolean): void {
    this.#runner.media.able(from, isAble);
  }

  /** Tests of pages' connections outside of calls. */
  get connectionTests(): ConnectionTests {
    return this.#runner.media.tests;
  }

  /** A page has connected: it hears of the call that its person is in. */
  pageOpened(connection: Connection): void {
    const call = this.#registry.ofPerson(connection.personId);
    const side = call?.sideOf(connection.personId);
    if (call && side) {
      const view = call.viewFor(side, this.#deps.meter.figures(call.callId));
      this.#deps.hub.sendToConnection(connection.connectionId, { type: 'call', call: view });
    }
  }

  pageClosed(connection: Connection): void {
    this.#runner.media.tests.pageClosed(connection);
    this.#runner.media.pageClosed(connection);
    const call = this.#registry.ofPerson(connection.personId);
    const side = call?.sideOfConnection(connection.connectionId);
    if (call && side) this.#runner.pageGone(call, side);
  }

  /**
   * The ledger says what a person has now.
   * @param released the unit that was given back, where that is the cause
   * @returns whether a view of the person's call tells it to their pages
   */
  balanceChanged(personId: PersonId, balanceMinor: Minor, released?: { callId: CallId; unit: number }): boolean {
    const call = this.#registry.ofPerson(personId);
    const side = call?.sideOf(personId);
    if (!call || !side) return false;
    if (released?.callId === call.callId) call.notAhead(released.unit);
    if (side === 'model') call.earningsMinor = balanceMinor;
    else {
      call.balanceMinor = balanceMinor;
      this.#deps.meter.credit(call.callId, balanceMinor);
    }
    this.#runner.changed(call);
    return true;
  }

  #callOf(from: Connection, callId: CallId): ActiveCall {
    const call = this.#registry.of(callId);
    if (!call?.sideOf(from.personId)) throw new UserError('call_not_found');
    return call;
  }

  #canWaive({ callId }: ActiveCall): boolean {
    const state = this.#deps.meter.figures(callId)?.state;
    return state === 'charging' || state === 'not_charging';
  }

  /** Charging rule 6: the minimum, or one minute, must be there when the client connects. */
  async #mustCoverStart(call: ActiveCall, side: Side): Promise<void> {
    if (side !== 'client') return;
    call.balanceMinor = await this.#deps.ledger.balanceOf(call.record.clientId, 'client');
    if (call.balanceMinor < call.startCostMinor) throw new UserError('insufficient_credit');
  }

  /**
   * The client goes on after a suspension. The ledger is asked at once, so that a restart that was received before the
   * grace ended counts, and the answer comes when the charge is posted or refused (charging rules, "When the money runs out").
   */
  async #restart(call: ActiveCall, side: Side): Promise<void> {
    if (side !== 'client') throw new UserError('not_allowed');
    const { client, model } = call.facts.sides;
    if (isLost(client) || isLost(model)) throw new UserError('wrong_state');
    const result = this.#deps.meter.restart(call.callId);
    if (result !== 'ok' && result !== 'no_change') throw new UserError('wrong_state');
    await new Promise<void>((done, refused) => call.restarts.push({ done, refused }));
  }

  /**
   * The model hangs up a call that its client hung up a moment ago: she has ended it (charging rule 5). The meter hears
   * of it at once: the second is counted from her press, not from when the row of the client's is written.
   */
  async #endsToo(from: Connection, callId: CallId): Promise<boolean> {
    const active = this.#registry.of(callId);
    const call = active?.facts.state === 'ended' ? active : this.#registry.closing(callId);
    if (call?.sideOf(from.personId) !== 'model') return false;
    let isHers = false;
    const applied = call.enqueue(async () => {
      if (isHers) await this.#runner.apply(call, { type: 'hang_up', by: 'model' });
    });
    isHers = this.#deps.meter.end(callId, 'model') === 'ok';
    await applied;
    return isHers;
  }
}

/** What a person can do in a call; whose doing it is, the call knows. */
export type PersonAction =
  | { readonly type: 'reject'; readonly reason?: string | undefined }
  | { readonly type: 'accept' | 'connect' | 'hang_up' | 'restart' | 'waive' | 'attached' }
  | { readonly type: 'mute'; readonly isMuted: boolean; readonly isCameraOff: boolean };
