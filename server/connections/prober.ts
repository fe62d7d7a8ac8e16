import { monotonicMs } from '../clock/index.ts';
import type { HubMessage, IceServers, PageMessage, ProbeArrivals, ProbeEvidence } from '../contract/index.ts';
import { judgeProbe, type LegNotice, type ProbeReport, probeOrder } from '../media/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import type { ProbeMedia } from './deps.ts';

/** A page that can be asked for a burst. */
export interface ProbedPage {
  readonly connectionId: number;
  readonly iceServers: IceServers;
  /** Its leg in a call: media on it is counted with the burst. Null outside of a call. */
  readonly besideLegId: number | null;
  /** That leg is a WebTransport session: the burst goes over a stream of it, and no other leg is made. */
  readonly isOnSession?: boolean;
  send(message: HubMessage): void;
}

export interface Probed {
  /** When it began, on the monotonic clock in ms. */
  readonly startedAtMs: number;
  readonly evidence: ProbeEvidence;
}

/** Bursts at once: more would measure each other where they share a link. */
const AT_ONCE_MAX = 2;
/** Of these outside of calls: a call's burst never waits for tests. */
const TESTS_AT_ONCE_MAX = 1;
/** A page has so long to connect; a relay takes its time. */
const CONNECT_MS_MAX = 8_000;
/** The page has so long for its burst and its word after it; on a full link it comes late. */
const REPORT_MS_MAX = 6_000;
/** The media process tells within so long after the page's word. */
const ARRIVALS_MS_MAX = 2_000;
const PROBE_ID_MAX = 0xffff_ffff;

interface Waiting {
  readonly page: ProbedPage;
  readonly done: (probed: Probed) => void;
}

interface Running extends Waiting {
  readonly probeId: number;
  startedAtMs: number;
  report: ProbeReport | null;
  timer: NodeJS.Timeout | null;
}

const isTest = ({ page }: Waiting): boolean => page.besideLegId === null;

/**
 * Runs probes. Over WebRTC each has a leg of its own: after the losses of a full link the data channel of an
 * older one would rest for seconds, and say nothing of the connection. Over WebTransport it is a stream of the call's
 * session. The page is asked for a burst, its arrivals are counted, both are judged.
 */
export class Prober {
  readonly #media: ProbeMedia;
  readonly #metrics: Metrics;
  readonly #log: Log;
  readonly #thresholdKbps: number;
  /** By the leg of the probe. */
  readonly #running = new Map<number, Running>();
  #waiting: Waiting[] = [];
  #nextId = 1;

  constructor(media: ProbeMedia, metrics: Metrics, log: Log, thresholdKbps: number) {
    this.#log = log;
    this.#media = media;
    this.#metrics = metrics;
    this.#thresholdKbps = thresholdKbps;
  }

  /** Resolves always; a page that is gone or does not answer makes an inconclusive probe. */
  probe(page: ProbedPage): Promise<Probed> {
    return new Promise((done) => {
      this.#waiting.push({ page, done });
      this.#startNext();
    });
  }

  /** The connection whose page a probe's own leg belongs to; null when it is none of ours. */
  connectionOf(legId: number): number | null {
    const page = this.#running.get(legId)?.page;
    return page && !page.isOnSession ? page.connectionId : null;
  }

  /** What came of a burst over a call's own leg. */
  arrived(legId: number, arrivals: ProbeArrivals): void {
    const running = this.#running.get(legId);
    if (running?.probeId === arrivals.probeId) this.#finish(legId, running, arrivals);
  }

  /** The page's report on a burst that it has sent. */
  reported(message: Extract<PageMessage, { type: 'media.probed' }>): void {
    const { legId, probeId, sentPackets, offeredKbps, heldMs, rttMs } = message;
    const running = this.#running.get(legId);
    if (!running || running.probeId !== probeId || running.report) return;
    running.report = { sentPackets, offeredKbps, heldMs, rttMs };
    this.#media.probeEnd(legId, probeId);
    this.#wait(legId, running, ARRIVALS_MS_MAX);
  }

  /** The page is gone, or has left the call: what is asked of it is over. */
  drop(isGone: (page: ProbedPage) => boolean): void {
    const gone = this.#waiting.filter(({ page }) => isGone(page));
    this.#waiting = this.#waiting.filter(({ page }) => !isGone(page));
    for (const { done } of gone) done(this.#judged(monotonicMs(), null, null));
    for (const [legId, running] of this.#running) if (isGone(running.page)) this.#finish(legId, running, null);
  }

  stop(): void {
    this.#waiting = [];
    for (const running of this.#running.values()) if (running.timer) clearTimeout(running.timer);
    this.#running.clear();
  }

  #startNext(): void {
    const next = this.#takeNext();
    if (!next) return;
    const probeId = this.#nextId;
    this.#nextId = (this.#nextId % PROBE_ID_MAX) + 1;
    const running: Running = { ...next, probeId, startedAtMs: monotonicMs(), report: null, timer: null };
    const { isOnSession, besideLegId } = next.page;
    if (isOnSession && besideLegId !== null) {
      this.#running.set(besideLegId, running);
      return this.#burst(besideLegId, running);
    }
    const legId = this.#media.openTest((notice) => this.#onLeg(legId, notice));
    this.#running.set(legId, running);
    this.#wait(legId, running, CONNECT_MS_MAX);
  }

  /** Who has waited longest, calls first; null when nobody's turn has come. */
  #takeNext(): Waiting | null {
    if (this.#running.size >= AT_ONCE_MAX) return null;
    const tests = [...this.#running.values()].filter(isTest).length;
    const next =
      this.#waiting.find((one) => !isTest(one)) ?? (tests < TESTS_AT_ONCE_MAX ? this.#waiting[0] : undefined);
    if (!next) return null;
    this.#waiting = this.#waiting.filter((one) => one !== next);
    return next;
  }

  #onLeg(legId: number, notice: LegNotice): void {
    const running = this.#running.get(legId);
    if (!running) return;
    const { page } = running;
    switch (notice.type) {
      case 'offer': {
        const { iceServers, besideLegId } = page;
        return page.send({ type: 'connection.offer', legId, besideLegId, sdp: notice.sdp, iceServers });
      }
      case 'candidates':
        return page.send({ type: 'media.candidates', legId, candidates: notice.candidates });
      case 'up':
        return this.#burst(legId, running);
      case 'probed':
        return this.#finish(legId, running, notice.arrivals);
      case 'down':
      case 'refused':
        return this.#finish(legId, running, null);
    }
  }

  #burst(legId: number, running: Running): void {
    const { page, probeId } = running;
    const order = probeOrder(this.#thresholdKbps);
    running.startedAtMs = monotonicMs();
    const besideLegId = page.besideLegId === legId ? null : page.besideLegId;
    this.#media.probe(legId, probeId, order.measureMs, besideLegId);
    const rttMs = this.#media.countersOfLeg(legId)?.rttMs ?? null;
    page.send({ type: 'media.probe', legId, probeId, ...order, rttMs: rttMs === null ? null : Math.round(rttMs) });
    this.#wait(legId, running, REPORT_MS_MAX);
  }

  #wait(legId: number, running: Running, ms: number): void {
    if (running.timer) clearTimeout(running.timer);
    running.timer = setTimeout(() => this.#finish(legId, running, null), ms);
  }

  #finish(legId: number, running: Running, arrivals: ProbeArrivals | null): void {
    if (running.timer) clearTimeout(running.timer);
    if (!this.#running.delete(legId)) return;
    if (!running.page.isOnSession) {
      this.#media.closeTest(legId);
      running.page.send({ type: 'media.closed', legId });
    }
    const { startedAtMs, report } = running;
    const probed = this.#judged(startedAtMs, report, arrivals);
    this.#metrics.probes.inc({ verdict: probed.evidence.verdict });
    this.#log.info({ legId: running.page.besideLegId ?? legId, ...probed.evidence }, 'probed a connection');
    running.done(probed);
    this.#startNext();
  }

  #judged(startedAtMs: number, report: ProbeReport | null, arrivals: ProbeArrivals | null): Probed {
    const at = new Date(Date.now() - (monotonicMs() - startedAtMs));
    return { startedAtMs, evidence: judgeProbe(at, this.#thresholdKbps, report, arrivals) };
  }
}
