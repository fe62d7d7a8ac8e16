import type { CallId, PersonId } from '../contract/index.ts';
import type { ActiveCall } from './active-call.ts';

const FINISHED_KEPT_MAX = 1_000;

/** Which calls this run carries, and who is in them. */
export class CallRegistry {
  readonly #active = new Map<CallId, ActiveCall>();
  readonly #byPerson = new Map<PersonId, ActiveCall>();
  /** Calls that this run has finished lately: a row of them that was read before is not new. */
  readonly #finished = new Set<CallId>();
  /** Calls that have ended for their people and whose money is still being settled. */
  readonly #closing = new Map<CallId, ActiveCall>();

  get size(): number {
    return this.#active.size;
  }

  all(): Iterable<ActiveCall> {
    return this.#active.values();
  }

  of(callId: CallId): ActiveCall | undefined {
    return this.#active.get(callId);
  }

  ofPerson(personId: PersonId): ActiveCall | undefined {
    return this.#byPerson.get(personId);
  }

  closing(callId: CallId): ActiveCall | undefined {
    return this.#closing.get(callId);
  }

  /** Whether this run carries the call, settles it, or has finished it. */
  isKnown(callId: CallId): boolean {
    return this.#active.has(callId) || this.#closing.has(callId) || this.#finished.has(callId);
  }

  adopt(call: ActiveCall): void {
    this.#active.set(call.callId, call);
    this.#byPerson.set(call.record.clientId, call);
    this.#byPerson.set(call.record.modelId, call);
  }

  /** Its people are free; what is left is its money. */
  close(call: ActiveCall): void {
    this.#closing.set(call.callId, call);
  }

  finish(call: ActiveCall): void {
    this.#finished.add(call.callId);
    const [oldest] = this.#finished;
    if (this.#finished.size > FINISHED_KEPT_MAX && oldest !== undefined) this.#finished.delete(oldest);
    this.#active.delete(call.callId);
    for (const personId of [call.record.clientId, call.record.modelId]) {
      if (this.#byPerson.get(personId) === call) this.#byPerson.delete(personId);
    }
    // Only a call with a meter has money to be settled.
    if (call.lastFigures) this.close(call);
  }

  settled(callId: CallId): void {
    this.#closing.delete(callId);
  }

  /** As if this run had never had it: the sweep takes it up again. */
  forget(callId: CallId): void {
    this.#closing.delete(callId);
    this.#finished.delete(callId);
  }

  /** People who are held by a call that is over; they are let go. There should never be one. */
  releaseHeld(): { personId: PersonId; callId: CallId }[] {
    const held = [...this.#byPerson].filter(([, call]) => this.#active.get(call.callId) !== call);
    return held.map(([personId, { callId }]) => {
      this.#byPerson.delete(personId);
      return { personId, callId };
    });
  }
}
