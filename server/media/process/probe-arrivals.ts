import { PROBE_OVERHEAD_BYTES, type ProbeArrivals } from '../../contract/index.ts';

// Payload of a probe packet: u8 kind, u8 phase (1: measured), u16 0, u32 probe, u32 index, zeros.
const HEAD_BYTES = 12;
/** What a media packet weighs on the wire more than its RTP: UDP, IPv4, Ethernet, SRTP's tag. */
const MEDIA_OVERHEAD_BYTES = 28 + 14 + 10;
/** Packets that are looked at in one probe: 200 Mbps for a second. */
const ARRIVALS_MAX = 20_000;
/** Fewer say nothing of a queue. */
const DELAYS_MIN = 4;
/** The best stretch of a burst is looked for after tokens that a link had saved up are used. */
const PEAK_FROM_MS = 60;
const PEAK_MS = 180;
const SEND_TIME_CYCLE_MS = 64_000;

interface Arrival {
  readonly atMs: number;
  readonly bytes: number;
  readonly isProbe: boolean;
}

/** Counts what arrives of one burst, beside the media of the same page. */
export class ProbeCounter {
  readonly probeId: number;
  readonly #measureMs: number;
  readonly #arrivals: Arrival[] = [];
  readonly #delays: { atMs: number; ms: number }[] = [];
  #firstMeasuredMs: number | null = null;
  #firstDelay: number | null = null;
  #isOver = false;
  #received = 0;
  #indexMax = 0;

  constructor(probeId: number, measureMs: number) {
    this.probeId = probeId;
    this.#measureMs = measureMs;
  }

  /** @param overheadBytes what the packet weighs on the wire more than its payload */
  takeProbe(packet: Uint8Array, nowMs: number, overheadBytes = PROBE_OVERHEAD_BYTES): void {
    if (packet.length < HEAD_BYTES) return;
    const head = new DataView(packet.buffer, packet.byteOffset, HEAD_BYTES);
    if (head.getUint32(4) !== this.probeId) return;
    this.#received += 1;
    this.#indexMax = Math.max(this.#indexMax, head.getUint32(8) + 1);
    if (packet[1] === 1) this.#firstMeasuredMs ??= nowMs;
    this.#push({ atMs: nowMs, bytes: packet.length + overheadBytes, isProbe: true });
  }

  /** @param sentMs when the page sent it, on its own clock that comes round; null when it did not say */
  takeMedia(bytes: number, nowMs: number, sentMs: number | null): void {
    if (this.#isOver) return;
    this.#push({ atMs: nowMs, bytes: bytes + MEDIA_OVERHEAD_BYTES, isProbe: false });
    if (sentMs === null || this.#delays.length >= ARRIVALS_MAX) return;
    // Two clocks without a common zero: only differences to the first delay mean anything.
    const raw = nowMs - sentMs;
    this.#firstDelay ??= raw;
    const half = SEND_TIME_CYCLE_MS / 2;
    const turned = raw - this.#firstDelay + half;
    this.#delays.push({
      atMs: nowMs,
      ms: turned - Math.floor(turned / SEND_TIME_CYCLE_MS) * SEND_TIME_CYCLE_MS - half,
    });
  }

  /** What comes later is not of this burst. */
  end(): void {
    this.#isOver = true;
  }

  finish(): ProbeArrivals {
    const fromMs = this.#firstMeasuredMs ?? Number.POSITIVE_INFINITY;
    const untilMs = fromMs + this.#measureMs;
    // The first packet only opens the interval; what it weighs came through before it.
    const measured = this.#arrivals.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs);
    const counted = measured.slice(1);
    const bytesOf = (isProbe: boolean) =>
      counted.filter((one) => one.isProbe === isProbe).reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      probeId: this.probeId,
      receivedPackets: this.#received,
      indexMax: this.#indexMax,
      measuredMs: measured.length > 1 ? (measured.at(-1) as Arrival).atMs - (measured[0] as Arrival).atMs : 0,
      probeBytes: bytesOf(true),
      mediaBytes: bytesOf(false),
      peakKbps: this.#peakKbps(),
      queueMs: this.#queueMs(fromMs, untilMs),
    };
  }

  /** The highest rate over any stretch of the burst. */
  #peakKbps(): number {
    const firstMs = this.#arrivals.find(({ isProbe }) => isProbe)?.atMs ?? 0;
    const burst = this.#arrivals.filter(({ atMs }) => atMs >= firstMs + PEAK_FROM_MS);
    let best = 0;
    let bytes = 0;
    let from = 0;
    for (const { atMs, bytes: size } of burst) {
      bytes += size;
      while (atMs - (burst[from] as Arrival).atMs > PEAK_MS) bytes -= (burst[from++] as Arrival).bytes;
      // Less than a whole stretch, as at the burst's begin, says nothing.
      if (from > 0) best = Math.max(best, (bytes * 8) / PEAK_MS);
    }
    return Math.round(best);
  }

  /** What nearly every packet waited while the load was on, over the least seen: a queue, and not now and then a stall. */
  #queueMs(fromMs: number, untilMs: number): number | null {
    const under = this.#delays.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs).map(({ ms }) => ms);
    if (under.length < DELAYS_MIN) return null;
    const least = Math.min(...this.#delays.map(({ ms }) => ms));
    const sorted = under.sort((a, b) => a - b);
    return (sorted[sorted.length >> 2] as number) - least;
  }

  #push(arrival: Arrival): void {
    if (this.#arrivals.length < ARRIVALS_MAX) this.#arrivals.push(arrival);
  }
}
