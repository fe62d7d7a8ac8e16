import type { ProbeArrivals, ProbeDoubt, ProbeEvidence, ProbeVerdict } from '../contract/index.ts';

/** For a link to pass at the threshold, this much of it is offered (14 Mbps for 12). */
const OFFER_RATIO = 14 / 12;
/** A page that could not offer this much of the threshold proves nothing (12.5 Mbps for 12). */
const OFFERED_RATIO_MIN = 12.5 / 12;
/** Discarded: congestion control of the data channel opens its window. The page takes longer where the way is long. */
const WARM_UP_MS = 200;
/** Measured after it. */
export const PROBE_MEASURE_MS = 300;
/** A burst that came through in less was over before it said anything. */
const MEASURED_MS_MIN = PROBE_MEASURE_MS * 0.6;
const PACKETS_MIN = 50;
/**
 * A link that is full makes a queue: media is under way so much longer. At the least it holds most of the
 * 12 kB that a data channel has under way at any time, and that takes longer the slower the link is.
 */
const QUEUE_MS_MIN = 8;
const QUEUE_BITS_MIN = 60_000;
/**
 * A full link with a short queue loses instead: more than a bad line usually does, and while it carries a
 * good part of the load. A line that is only bad makes the data channel slow down far below that.
 */
const FULL_LOSS_PCT = 8;
const FULL_RATE_RATIO = 0.3;

/** Under this part of the burst's best stretch, the measured part was a rest of the data channel and not the link. */
const RESTED_RATIO = 0.75;

/** What a page is asked to send. Rates in kbps on the wire. */
export function probeOrder(thresholdKbps: number) {
  return { kbps: Math.round(thresholdKbps * OFFER_RATIO), warmUpMs: WARM_UP_MS, measureMs: PROBE_MEASURE_MS };
}

/** What the page says that it did. */
export interface ProbeReport {
  readonly sentPackets: number;
  readonly offeredKbps: number;
  readonly heldMs: number;
  readonly rttMs: number | null;
}

/**
 * Judges one probe. What came through is believed, since it was counted here. That the link is slow is
 * believed only when the load was offered and a queue or heavy loss shows that the link was full:
 * else the sender was slowed by something else, and the probe is inconclusive.
 */
export function judgeProbe(
  at: Date,
  thresholdKbps: number,
  report: ProbeReport | null,
  arrivals: ProbeArrivals | null,
): ProbeEvidence {
  const bytes = arrivals ? arrivals.probeBytes + arrivals.mediaBytes : 0;
  const measuredKbps = arrivals && arrivals.measuredMs > 0 ? Math.round((bytes * 8) / arrivals.measuredMs) : 0;
  // After heavy loss the data channel rests: then the burst's best stretch before it is what the link carried.
  const hasRested = arrivals !== null && measuredKbps < arrivals.peakKbps * RESTED_RATIO;
  // What bunched up on its way proves nothing: it must make neither a slow link pass nor a fast one fail.
  const isUneven = hasRested && arrivals.peakKbps >= thresholdKbps;
  const kbps = hasRested && !isUneven ? arrivals.peakKbps : measuredKbps;
  const sentPackets = Math.max(report?.sentPackets ?? 0, arrivals?.indexMax ?? 0);
  const receivedPackets = arrivals?.receivedPackets ?? 0;
  const lossPct = sentPackets === 0 ? 0 : Math.max(0, Math.round(1_000 * (1 - receivedPackets / sentPackets)) / 10);
  const figures = {
    at: at.toISOString(),
    kbps,
    thresholdKbps,
    offeredKbps: report?.offeredKbps ?? 0,
    measuredMs: Math.round(arrivals?.measuredMs ?? 0),
    probeBytes: arrivals?.probeBytes ?? 0,
    mediaBytes: arrivals?.mediaBytes ?? 0,
    sentPackets,
    receivedPackets,
    lossPct,
    heldMs: report?.heldMs ?? 0,
    queueMs: arrivals?.queueMs == null ? null : Math.round(arrivals.queueMs),
    rttMs: report?.rttMs ?? null,
  };
  const doubt = doubtOf(figures, report, arrivals, measuredKbps) ?? (isUneven ? 'uneven' : null);
  const verdict: ProbeVerdict = doubt ? 'inconclusive' : kbps >= thresholdKbps ? 'pass' : 'fail';
  return { ...figures, verdict, doubt };
}

function doubtOf(
  figures: Omit<ProbeEvidence, 'verdict' | 'doubt'>,
  report: ProbeReport | null,
  arrivals: ProbeArrivals | null,
  measuredKbps: number,
): ProbeDoubt | null {
  if (!report || !arrivals) return 'no_report';
  const isMeasured = figures.measuredMs >= MEASURED_MS_MIN && figures.receivedPackets >= PACKETS_MIN;
  if (isMeasured && figures.kbps >= figures.thresholdKbps) return null;
  if (figures.offeredKbps < figures.thresholdKbps * OFFERED_RATIO_MIN) return 'not_offered';
  if (!isMeasured) return 'too_few';
  const isLosing = figures.lossPct >= FULL_LOSS_PCT && measuredKbps >= figures.thresholdKbps * FULL_RATE_RATIO;
  const queueMsMin = Math.max(QUEUE_MS_MIN, QUEUE_BITS_MIN / Math.max(1, figures.kbps));
  const isFull = (figures.queueMs ?? 0) >= queueMsMin || isLosing;
  return isFull ? null : 'no_queue';
}

/** Two of the last three conclusive probes decide; null when there are no two of one kind. */
export function decide(samples: readonly ProbeEvidence[]): ProbeVerdict | null {
  const last = samples.filter(({ verdict }) => verdict !== 'inconclusive').slice(-3);
  for (const verdict of ['pass', 'fail'] as const) {
    if (last.filter((sample) => sample.verdict === verdict).length >= 2) return verdict;
  }
  return null;
}
