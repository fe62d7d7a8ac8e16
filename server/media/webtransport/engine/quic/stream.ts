import { codeIn, type Quiche, type QuicheConnection } from './native.ts';
import type { QueueBudget } from './queue-budget.ts';
import { SendQueue } from './send-queue.ts';

/** What happens on a stream. Its receiver can change: who reads the first bytes knows from them who the rest is for. */
export interface StreamHandler {
  onData?(chunk: Buffer, isLast: boolean): void;
  /** The peer gave up sending. */
  onReset?(code: number): void;
  /** The peer asks for no more. */
  onStopped?(code: number): void;
  /** The queue was above the limit and no longer is. */
  onDrain?(): void;
  /** Both sides are over; nothing follows. */
  onOver?(): void;
  /** The session or the connection is over. */
  onGone?(): void;
}

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly quiche: Quiche;
  readonly native: QuicheConnection;
  readonly budget: QueueBudget;
  readonly streamQueueBytes: number;
  /** Something happened: packets may have to be sent. */
  mark(): void;
  schedule(stream: QuicStream): void;
  unschedule(stream: QuicStream): void;
  /** An id for a stream of ours that is about to be sent on. */
  takeId(stream: QuicStream): number;
  /** The first bytes of a stream of ours were taken, or never will be. */
  settle(stream: QuicStream, wasSent: boolean): void;
  /** The stream's end has to be sent alone. */
  finLate(stream: QuicStream): void;
  /** The receiving side was given up although the peer may send on. */
  stopped(streamId: number): void;
  forget(stream: QuicStream): void;
}

const RECEIVE_BYTES = 65_536;
/**
 * The last byte of a stream that has just begun is held back for a moment, since its end mostly follows
 * within it (a group of one audio frame) and can then ride on that byte; see late-fins.ts for what
 * becomes of ends that cannot. Later bytes, as those of one picture after another, are never held.
 */
const HOLD_MS = 4;
const YOUNG_MS = 25;
const scratch = Buffer.allocUnsafeSlow(RECEIVE_BYTES);

/** One QUIC stream with both its sides; a unidirectional one begins with one of them over. */
export class QuicStream {
  readonly isUni: boolean;
  readonly isOurs: boolean;
  handler: StreamHandler = {};
  /** Higher is sent first. */
  sendOrder = 0;
  /** Whether its last byte is held back for a moment, to carry its end. */
  holdsEnd = false;
  readonly #host: StreamHost;
  readonly #queue = new SendQueue();
  #id: number | null;
  #isPaused = false;
  #isReceiveOver: boolean;
  #isSendOver: boolean;
  /** The last bytes are in the queue, or were. */
  #isEnding = false;
  #isUnsettled: boolean;
  #isFull = false;
  #isForgotten = false;
  #stoppedCode: number | null = null;
  #begunAtMs = 0;
  #heldUntilMs = Number.POSITIVE_INFINITY;
  #isReleased = false;
  #isLastTurn = false;

  /** @param id null: a stream of ours, which gets its id with its first bytes */
  constructor(host: StreamHost, id: number | null, isUni: boolean) {
    this.#host = host;
    this.#id = id;
    this.isUni = isUni;
    this.isOurs = id === null;
    this.#isUnsettled = id === null;
    this.#isReceiveOver = isUni && id === null;
    this.#isSendOver = isUni && id !== null;
  }

  get id(): number | null {
    return this.#id;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** The code with which the peer has stopped it, for a handler that comes later. */
  get stoppedCode(): number | null {
    return this.#stoppedCode;
  }

  get isSendOver(): boolean {
    return this.#isSendOver;
  }

  get isReceiveOver(): boolean {
    return this.#isReceiveOver;
  }

  /** Whether the limits of its session and of all let so many bytes be queued. */
  hasRoomFor(count: number): boolean {
    return this.#host.budget.hasRoomFor(count);
  }

  /** Queues bytes, which belong to the stream from now on. They go out when all that is now at work is done. */
  write(bytes: Buffer, isLast = false): void {
    if (this.#isSendOver || this.#isEnding) return;
    if (this.#begunAtMs === 0) this.#begunAtMs = performance.now();
    this.#isReleased = false;
    this.#heldUntilMs = Number.POSITIVE_INFINITY;
    this.#queue.push(bytes);
    this.#host.budget.add(bytes.length);
    this.#isEnding = isLast;
    this.#isFull ||= this.#queue.bytes > this.#host.streamQueueBytes;
    this.#host.schedule(this);
  }

  /** Whether a writer should wait for `onDrain`. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Gives to QUIC what it takes. Called by the connection, in the order of the streams. */
  flush(nowMs: number): void {
    if (this.#isSendOver) return this.#host.unschedule(this);
    const held = this.#heldBytes(nowMs);
    while (this.#queue.first && this.#queue.bytes > held) {
      const { first, isLastChunk } = this.#queue;
      const isLast = this.#isEnding && isLastChunk;
      const offered = isLastChunk && held > 0 ? first.subarray(0, -held) : first;
      const taken = this.#give(offered, isLast);
      // It waits for the peer's window and not for a moment to pass.
      if (taken === null) return this.release();
      this.#queue.consume(taken);
      this.#host.budget.add(-taken);
      if (taken < offered.length) break;
      if (isLast) return this.#endSending();
    }
    this.#drained();
    if (this.#queue.bytes > 0) return;
    this.#host.unschedule(this);
    if (!this.#isEnding) return;
    this.#host.finLate(this);
    this.#endSending();
  }

  /** 1 while the last byte waits for the stream's end. */
  #heldBytes(nowMs: number): number {
    const isYoung = nowMs - this.#begunAtMs < YOUNG_MS;
    if (!this.holdsEnd || !isYoung || this.#isEnding) this.release();
    if (this.#isReleased) return 0;
    if (this.#heldUntilMs === Number.POSITIVE_INFINITY) this.#heldUntilMs = nowMs + HOLD_MS;
    if (this.#heldUntilMs > nowMs) return 1;
    // Where this process is late, the end may be on its way through it: it gets one more turn.
    if (this.#isLastTurn) this.release();
    this.#isLastTurn = !this.#isReleased;
    return this.#isReleased ? 0 : 1;
  }

  /** Nothing is held back until more is written. */
  release(): void {
    this.#isReleased = true;
    this.#heldUntilMs = Number.POSITIVE_INFINITY;
  }

  /** When a byte that is held back has to go; on the clock of `performance`. */
  get heldUntilMs(): number {
    return this.#heldUntilMs;
  }

  /** @returns bytes taken; null when none can be taken now, or the stream is over */
  #give(bytes: Buffer, isLast: boolean): number | null {
    this.#id ??= this.#host.takeId(this);
    try {
      const taken = this.#host.native.streamSend(this.#id, bytes, isLast);
      if (taken === null) return this.#checkKnown();
      if (this.#isUnsettled) this.#settle(true);
      return taken;
    } catch (error) {
      if ((error as Error).message !== 'StreamLimit') this.#stoppedByPeer(codeIn(error, 'StreamStopped') ?? 0);
      return null;
    }
  }

  /** quiche takes nothing of a full window and nothing of a stream that it has forgotten, and says the same. */
  #checkKnown(): null {
    if (!this.#isUnsettled) this.checkStopped();
    return null;
  }

  /** Looks whether the peer has stopped the stream; quiche tells by itself only when it is sent on. */
  checkStopped(): void {
    if (this.#isSendOver || this.#isUnsettled || this.#id === null) return;
    try {
      this.#host.native.streamCapacity(this.#id);
    } catch (error) {
      this.#stoppedByPeer(codeIn(error, 'StreamStopped') ?? 0);
    }
  }

  #stoppedByPeer(code: number): void {
    if (this.#isSendOver) return;
    this.#dropQueue();
    this.#isSendOver = true;
    this.#stoppedCode = code;
    this.handler.onStopped?.(code);
    this.#forgetIfOver();
  }

  /** Gives up sending and drops what is queued. */
  reset(code: number): void {
    if (this.#isSendOver) return;
    this.#dropQueue();
    this.#isSendOver = true;
    if (this.#isUnsettled) this.#settle(false);
    else this.#shutdown(this.#host.quiche.Shutdown.Write, code);
    this.#forgetIfOver();
  }

  /** Asks the peer to send no more. */
  stop(code: number): void {
    if (this.#isReceiveOver) return;
    this.#isReceiveOver = true;
    if (this.#id !== null) {
      this.#shutdown(this.#host.quiche.Shutdown.Read, code);
      this.#host.stopped(this.#id);
    }
    this.#forgetIfOver();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#host.mark();
  }

  /** Reads what has come. Called by the connection. */
  receive(): void {
    // Once its end has been read, quiche forgets a stopped stream, and the code with it.
    if (!this.isUni) this.checkStopped();
    while (!this.#isPaused && !this.#isReceiveOver && this.#id !== null) {
      let read: [number, boolean] | null;
      try {
        read = this.#host.native.streamRecv(this.#id, scratch);
      } catch (error) {
        this.#isReceiveOver = true;
        this.handler.onReset?.(codeIn(error, 'StreamReset') ?? 0);
        break;
      }
      if (read === null) break;
      const [length, isLast] = read;
      if (isLast) this.#isReceiveOver = true;
      this.handler.onData?.(Buffer.from(scratch.subarray(0, length)), isLast);
    }
    this.#forgetIfOver();
  }

  /** Ends both sides with one code, and tells whoever uses the stream. */
  abandon(code: number): void {
    this.handler.onGone?.();
    this.handler = {};
    this.reset(code);
    this.stop(code);
  }

  /** The connection is over. */
  gone(): void {
    this.#dropQueue();
    this.#isReceiveOver = true;
    this.#isSendOver = true;
    this.handler.onGone?.();
    this.handler = {};
  }

  #settle(wasSent: boolean): void {
    this.#isUnsettled = false;
    this.#host.settle(this, wasSent);
  }

  #drained(): void {
    if (!this.#isFull || this.#queue.bytes > this.#host.streamQueueBytes) return;
    this.#isFull = false;
    this.handler.onDrain?.();
  }

  #endSending(): void {
    this.#isSendOver = true;
    this.#host.unschedule(this);
    this.#drained();
    this.#forgetIfOver();
  }

  #dropQueue(): void {
    this.#host.budget.add(-this.#queue.bytes);
    this.#queue.clear();
    this.#isFull = false;
    this.#host.unschedule(this);
  }

  #shutdown(side: number, code: number): void {
    try {
      this.#host.native.streamShutdown(this.#id as number, side, code);
    } catch {
      // The stream is over on quiche's side already.
    }
    this.#host.mark();
  }

  #forgetIfOver(): void {
    if (!this.#isReceiveOver || !this.#isSendOver || this.#isForgotten) return;
    this.#isForgotten = true;
    this.#host.forget(this);
    this.handler.onOver?.();
  }
}
