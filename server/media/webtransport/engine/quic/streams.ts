import type { EngineLimits } from '../limits.ts';
import { CreditWaiters } from './credit-waiters.ts';
import { LateFins } from './late-fins.ts';
import type { Quiche, QuicheConnection } from './native.ts';
import { QueueBudget } from './queue-budget.ts';
import { SendSchedule } from './send-schedule.ts';
import { QuicStream, type StreamHost } from './stream.ts';
import { isOurId, isUniId, StreamIds } from './stream-ids.ts';

/** How often idle streams are looked at for a stop by the peer. */
const STOPPED_CHECK_MS = 50;
/** More stopped streams than these, and it is looked which of them the peer has ended by now. */
const STOPPED_SWEEP_FROM = 64;

type Kind = 'uni' | 'bidi';
const kindOf = (stream: { readonly isUni: boolean }): Kind => (stream.isUni ? 'uni' : 'bidi');

/** The streams of one connection: who reads, who sends next, who waits for the peer's leave. */
export class QuicStreams implements StreamHost {
  readonly quiche: Quiche;
  readonly native: QuicheConnection;
  readonly budget: QueueBudget;
  readonly streamQueueBytes: number;
  readonly mark: () => void;
  readonly #open = new Map<number, QuicStream>();
  /** Ours that have no id yet. */
  readonly #unborn = new Set<QuicStream>();
  readonly #schedule = new SendSchedule();
  readonly #ids: Record<Kind, StreamIds>;
  readonly #waiters: Record<Kind, CreditWaiters>;
  readonly #lateFins: LateFins;
  /** The peer's that we stopped and that it has not ended yet: what still comes of them is no new stream. */
  readonly #stopped = new Set<number>();
  #controlId: number | null = null;
  #stoppedCheckedMs = 0;
  /** When idle streams are to be looked at; Infinity: nothing has come since. */
  #stoppedCheckDueMs = Number.POSITIVE_INFINITY;
  #peerBidiCount = 0;

  constructor(
    { quiche, limits, budget }: { quiche: Quiche; limits: EngineLimits; budget: QueueBudget },
    native: QuicheConnection,
    drive: { readonly mark: () => void; readonly flush: () => void },
  ) {
    this.quiche = quiche;
    this.native = native;
    this.budget = new QueueBudget(limits.sessionQueueBytesMax, budget);
    this.streamQueueBytes = limits.streamQueueBytes;
    this.mark = drive.mark;
    this.#ids = { uni: new StreamIds(native, true), bidi: new StreamIds(native, false) };
    const waitersMax = limits.streamWaitersMax;
    this.#waiters = { uni: new CreditWaiters(waitersMax), bidi: new CreditWaiters(waitersMax) };
    this.#lateFins = new LateFins(native, drive.flush);
  }

  /** How many bidirectional streams the peer has opened so far. */
  get peerBidiCount(): number {
    return this.#peerBidiCount;
  }

  /** When `send` has to be called again though nothing happened; on the clock of `performance`. */
  get nextAtMs(): number {
    return Math.min(this.#schedule.nextAtMs, this.#lateFins.nextAtMs, this.#stoppedCheckDueMs);
  }

  /** Reads what came. @param onStream told of each stream that the peer has opened */
  receive(onStream: (stream: QuicStream) => void): void {
    this.#stoppedCheckDueMs = Math.min(this.#stoppedCheckDueMs, this.#stoppedCheckedMs + STOPPED_CHECK_MS);
    for (const id of this.native.readable()) {
      const known = this.#open.get(id);
      if (known) known.receive();
      else if (this.#stopped.has(id) || isOurId(id)) this.#discard(id);
      else this.#accept(id, onStream);
    }
  }

  #accept(id: number, onStream: (stream: QuicStream) => void): void {
    const stream = new QuicStream(this, id, isUniId(id));
    this.#open.set(id, stream);
    if (!stream.isUni) this.#peerBidiCount += 1;
    onStream(stream);
    stream.receive();
  }

  /** What was under way when a stream was stopped, and its end. */
  #discard(id: number): void {
    const nowhere = Buffer.alloc(1);
    try {
      let read = this.native.streamRecv(id, nowhere);
      while (read && !read[1]) read = this.native.streamRecv(id, nowhere);
      if (read) this.#stopped.delete(id);
    } catch {
      this.#stopped.delete(id);
    }
  }

  /** Gives to QUIC what it takes. @returns whether there was anything to give */
  send(): boolean {
    const nowMs = performance.now();
    if (nowMs >= this.#stoppedCheckDueMs) this.#checkStopped(nowMs);
    for (const kind of ['uni', 'bidi'] as const) this.#waiters[kind].serve(() => this.#ids[kind].left);
    const hasBytes = this.#schedule.size > 0;
    const hasFins = this.#lateFins.nextAtMs <= nowMs;
    if (hasBytes) this.#schedule.run(nowMs, () => this.#capacity() > 0);
    if (hasFins) this.#lateFins.sendDue(nowMs, this.#capacity());
    return hasBytes || hasFins;
  }

  #checkStopped(nowMs: number): void {
    this.#stoppedCheckedMs = nowMs;
    this.#stoppedCheckDueMs = Number.POSITIVE_INFINITY;
    for (const stream of [...this.#open.values()]) if (stream.queuedBytes === 0) stream.checkStopped();
  }

  /**
   * Bytes that the congestion window has left. The control stream's own window is far larger than what is
   * sent on it, so that its capacity is the connection's.
   */
  #capacity(): number {
    try {
      return this.#controlId === null ? 1 : this.native.streamCapacity(this.#controlId);
    } catch {
      return 1;
    }
  }

  /** Opens a stream now. @returns null when the peer allows no more, or others wait already */
  open(isUni: boolean, sendOrder: number): QuicStream | null {
    const kind = isUni ? 'uni' : 'bidi';
    if (this.#waiters[kind].length > 0 || this.#ids[kind].left <= 0) return null;
    return this.#create(isUni, sendOrder);
  }

  /** Opens a stream when the peer allows it. Rejects when too many wait, or the connection ends. */
  openLater(isUni: boolean, sendOrder: number): Promise<QuicStream> {
    return new Promise((resolve, reject) => {
      const open = () => resolve(this.#create(isUni, sendOrder));
      const isTaken = this.#waiters[isUni ? 'uni' : 'bidi'].push({ sendOrder, open, fail: reject });
      if (!isTaken) reject(new Error('too many streams wait for the peer'));
    });
  }

  #create(isUni: boolean, sendOrder: number): QuicStream {
    this.#ids[isUni ? 'uni' : 'bidi'].promise();
    const stream = new QuicStream(this, null, isUni);
    stream.sendOrder = sendOrder;
    this.#unborn.add(stream);
    return stream;
  }

  /** The connection is over. */
  gone(): void {
    for (const waiters of Object.values(this.#waiters)) waiters.fail(new Error('the connection is over'));
    const streams = [...this.#open.values(), ...this.#unborn];
    this.#open.clear();
    this.#unborn.clear();
    for (const stream of streams) stream.gone();
  }

  schedule(stream: QuicStream): void {
    this.#schedule.add(stream);
    this.mark();
  }

  unschedule(stream: QuicStream): void {
    this.#schedule.delete(stream);
  }

  takeId(stream: QuicStream): number {
    const id = this.#ids[kindOf(stream)].take();
    this.#unborn.delete(stream);
    this.#open.set(id, stream);
    // The first that is opened is the control stream (RFC 9114 section 3.2).
    if (stream.isUni) this.#controlId ??= id;
    return id;
  }

  settle(stream: QuicStream, wasSent: boolean): void {
    this.#ids[kindOf(stream)].settle(wasSent ? null : stream.id);
  }

  finLate(stream: QuicStream): void {
    if (stream.id !== null) this.#lateFins.add(stream.id);
  }

  stopped(streamId: number): void {
    if (isOurId(streamId)) return;
    this.#stopped.add(streamId);
    if (this.#stopped.size <= STOPPED_SWEEP_FROM) return;
    for (const id of this.#stopped) if (this.native.streamFinished(id)) this.#stopped.delete(id);
  }

  forget(stream: QuicStream): void {
    this.#unborn.delete(stream);
    if (stream.id !== null) this.#open.delete(stream.id);
  }
}
