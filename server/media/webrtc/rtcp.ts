// RTCP as far as round trips need it (RFC 3550 section 6.4). Compound packets are walked with every
// length checked: a page may send anything.

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const HEADER_BYTES = 8;
const SENDER_INFO_BYTES = 20;
const BLOCK_BYTES = 24;
/** DLSR counts 1/65536 s. */
const UNITS_PER_MS = 65.536;
/** Sender reports that wait for an answer; a page sends about two a second. */
const REPORTS_KEPT_MAX = 32;
/** A longer round trip is a report that was answered late, or a lie. */
const ROUND_TRIP_MS_MAX = 10_000;

interface ReportBlock {
  /** Middle 32 bits of the NTP time of the last sender report; 0 when there was none. */
  readonly lastReport: number;
  readonly delayMs: number;
}

/** The times that the sender reports of a packet carry, and the blocks that answer others. */
export function readReports(packet: Buffer): { sent: number[]; blocks: ReportBlock[] } {
  const sent: number[] = [];
  const blocks: ReportBlock[] = [];
  for (let at = 0; at + HEADER_BYTES <= packet.length; ) {
    const first = packet[at] as number;
    const type = packet[at + 1] as number;
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4;
    if (first >> 6 !== 2 || end > packet.length) break;
    let block = at + HEADER_BYTES;
    if (type === SENDER_REPORT && block + SENDER_INFO_BYTES <= end) {
      sent.push(packet.readUInt32BE(block + 2));
      block += SENDER_INFO_BYTES;
    }
    if (type === SENDER_REPORT || type === RECEIVER_REPORT) {
      for (let left = first & 0x1f; left > 0 && block + BLOCK_BYTES <= end; left--, block += BLOCK_BYTES) {
        const lastReport = packet.readUInt32BE(block + 16);
        if (lastReport !== 0) blocks.push({ lastReport, delayMs: packet.readUInt32BE(block + 20) / UNITS_PER_MS });
      }
    }
    at = end;
  }
  return { sent, blocks };
}

/**
 * Round trip between this process and one page. A sender report of the other page that was passed on at
 * some time comes back in a report block with how long the page kept it.
 */
export class RoundTrip {
  readonly #passedOn = new Map<number, number>();
  ms: number | null = null;

  passedOn(reports: readonly number[], nowMs: number): void {
    for (const report of reports) {
      this.#passedOn.set(report, nowMs);
      const [oldest] = this.#passedOn.keys();
      if (this.#passedOn.size > REPORTS_KEPT_MAX && oldest !== undefined) this.#passedOn.delete(oldest);
    }
  }

  answered(blocks: readonly ReportBlock[], nowMs: number): void {
    for (const { lastReport, delayMs } of blocks) {
      const passedOnMs = this.#passedOn.get(lastReport);
      if (passedOnMs === undefined) continue;
      const ms = nowMs - passedOnMs - delayMs;
      if (ms <= ROUND_TRIP_MS_MAX) this.ms = Math.max(0, ms);
    }
  }
}
