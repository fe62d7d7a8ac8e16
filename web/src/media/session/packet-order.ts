/** So many in hand, and the missing one is given up. */
const HELD_MAX = 12;
/** A number so far from the last is a sender that has begun anew. */
const JUMP_MAX = 500;

/**
 * Puts packets in order again. What is missing was lost, and QUIC sends it again a round trip later: it is waited
 * for while there is enough else to play, and then left out.
 */
export class PacketOrder<Packet> {
  #next: number | null = null;
  readonly #held = new Map<number, Packet>();
  #missingSinceMs = 0;

  /** @param waitMs how long a missing packet may be waited for. @returns what can be played now, in order */
  take(sequence: number, packet: Packet, nowMs: number, waitMs: number): Packet[] {
    if (this.#next === null || Math.abs(sequence - this.#next) > JUMP_MAX) {
      this.#held.clear();
      this.#next = sequence;
    }
    if (sequence < this.#next) return [];
    if (this.#held.size === 0) this.#missingSinceMs = nowMs;
    this.#held.set(sequence, packet);
    const isLate = nowMs - this.#missingSinceMs > waitMs || this.#held.size > HELD_MAX;
    if (!this.#held.has(this.#next) && isLate) this.#next = Math.min(...this.#held.keys());
    return this.#ready(nowMs);
  }

  #ready(nowMs: number): Packet[] {
    const ready: Packet[] = [];
    for (let packet = this.#pull(); packet !== undefined; packet = this.#pull()) ready.push(packet);
    if (ready.length > 0) this.#missingSinceMs = nowMs;
    return ready;
  }

  #pull(): Packet | undefined {
    const packet = this.#held.get(this.#next as number);
    if (packet === undefined) return undefined;
    this.#held.delete(this.#next as number);
    this.#next = (this.#next as number) + 1;
    return packet;
  }
}
