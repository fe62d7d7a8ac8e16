import { monotonicMs } from '../clock/index.ts';
import {
  type ConnectionView,
  type HubMessage,
  type LegCounters,
  otherSide,
  type PageMessage,
  type ProbeEvidence,
  REPORT_MS,
  type Side,
} from '../contract/index.ts';
import { decide, type MediaControl } from '../media/index.ts';
import type { Meter } from '../meter/index.ts';
import type { IceServersFor } from './connection-tests.ts';
import type { ConnectedCall, PageSender } from './deps.ts';
import type { Prober } from './prober.ts';
import { UnansweredProbes } from './unanswered-probes.ts';
import { Uplink } from './uplink.ts';

type Report = Extract<PageMessage, { type: 'media.report' }>;

export interface ConnectionQualityDeps {
  readonly hub: PageSender;
  readonly media: Pick<MediaControl, 'onCounters' | 'countersOfLeg'>;
  readonly meter: Pick<Meter, 'isOpen' | 'probe' | 'unanswered'>;
  readonly prober: Pick<Prober, 'probe'>;
}

/** How often both people are sent figures of their connections at most. */
const SEND_MS = 2_000;
/** A page that has not spoken for so long has nothing to say any more of its picture. */
const REPORT_AGE_MS_MAX = 3 * REPORT_MS;
/** Probes that are kept for the verdict shown, and for a meter that is not open yet. */
const PROBES_KEPT_MAX = 3;
const SIDES = ['client', 'model'] as const;

interface Measured {
  readonly call: ConnectedCall;
  readonly uplink: Uplink;
  readonly unanswered: UnansweredProbes;
  isProbing: boolean;
  /** Probes of the confirmation: the meter hears of them when it starts. */
  early: { startedAtMs: number; evidence: ProbeEvidence }[];
  recent: ProbeEvidence[];
  readonly before: Record<Side, { counters: LegCounters; atMs: number } | null>;
  readonly views: Record<Side, ConnectionView | null>;
  readonly reports: Record<Side, { report: Report; atMs: number } | null>;
  sent: string;
  sentAtMs: number;
}

/** The connections of the calls: probes of the models' uplinks, and what both people read of each other's. */
export class ConnectionQuality {
  readonly #deps: ConnectionQualityDeps;
  readonly #isProbing: boolean;
  readonly #iceServers: IceServersFor;
  readonly #byCall = new Map<number, Measured>();

  /** @param terms.slowLinkKbps 0: every link is fast enough, and none is probed */
  constructor(deps: ConnectionQualityDeps, terms: { slowLinkKbps: number; iceServers: IceServersFor }) {
    this.#deps = deps;
    this.#isProbing = terms.slowLinkKbps > 0;
    this.#iceServers = terms.iceServers;
    deps.media.onCounters(() => this.#count());
  }

  /** Both legs are up and both pages begin to send. */
  started(call: ConnectedCall): void {
    const known = this.#byCall.get(call.callId);
    const nowMs = monotonicMs();
    if (known) {
      known.uplink.restarted(nowMs);
      known.before.client = known.before.model = null;
      return;
    }
    this.#byCall.set(call.callId, {
      call,
      uplink: new Uplink(nowMs),
      unanswered: new UnansweredProbes(),
      isProbing: false,
      early: [],
      recent: [],
      before: { client: null, model: null },
      views: { client: null, model: null },
      reports: { client: null, model: null },
      sent: '',
      sentAtMs: 0,
    });
  }

  /** The meter has started: what was measured in the confirmation counts from its first moment. */
  meterStarted(call: ConnectedCall): void {
    const measured = this.#byCall.get(call.callId);
    for (const { evidence, startedAtMs } of measured?.early.splice(0) ?? [])
      this.#deps.meter.probe(call.callId, evidence, startedAtMs);
  }

  closed(call: ConnectedCall): void {
    this.#byCall.delete(call.callId);
  }

  /** What a page says of its picture. */
  reported(call: ConnectedCall, side: Side, report: Report): void {
    const measured = this.#byCall.get(call.callId);
    if (measured) measured.reports[side] = { report, atMs: monotonicMs() };
  }

  #count(): void {
    const nowMs = monotonicMs();
    for (const measured of this.#byCall.values()) {
      for (const side of SIDES) this.#countSide(measured, side, nowMs);
      this.#send(measured, nowMs);
      if (this.#isProbing && !measured.isProbing && nowMs >= measured.uplink.dueAtMs) void this.#probe(measured);
    }
  }

  #countSide(measured: Measured, side: Side, nowMs: number): void {
    const { call } = measured;
    const legId = call.legs[side];
    const counters = legId === null ? null : this.#deps.media.countersOfLeg(legId);
    if (!counters) {
      measured.before[side] = measured.views[side] = null;
      return;
    }
    const before = measured.before[side];
    measured.before[side] = { counters, atMs: nowMs };
    if (side === 'model') measured.uplink.counted(counters, nowMs);
    if (before?.counters.legId !== legId) return;
    measured.views[side] = this.#view(measured, side, before, counters, nowMs);
  }

  #view(
    measured: Measured,
    side: Side,
    before: { counters: LegCounters; atMs: number },
    now: LegCounters,
    nowMs: number,
  ): ConnectionView {
    const lostOf = ({ audio, video }: LegCounters) => audio.lost + video.lost;
    const packets = now.packets - before.counters.packets;
    const lost = Math.max(0, lostOf(now) - lostOf(before.counters));
    const said = measured.reports[side];
    const report = said && nowMs - said.atMs < REPORT_AGE_MS_MAX ? said.report : null;
    const rttMs = now.rttMs ?? report?.rttMs ?? null;
    const last = side === 'model' ? measured.recent.findLast(({ verdict }) => verdict !== 'inconclusive') : undefined;
    return {
      rttMs: rttMs === null ? null : Math.round(rttMs),
      lossPct: packets + lost === 0 ? null : Math.round((1_000 * lost) / (packets + lost)) / 10,
      sendingKbps: Math.round(((now.bytes - before.counters.bytes) * 8) / Math.max(1, nowMs - before.atMs)),
      uplinkKbps: last?.kbps ?? null,
      uplinkVerdict: last ? (decide(measured.recent) ?? last.verdict) : null,
      downlinkKbps: now.deliveredKbps,
      width: report?.sent?.width ?? null,
      height: report?.sent?.height ?? null,
      framesPerSecond: report?.sent?.framesPerSecond ?? null,
    };
  }

  #send(measured: Measured, nowMs: number): void {
    const { call, views } = measured;
    if (nowMs - measured.sentAtMs < SEND_MS || call.facts.state === 'ended') return;
    const now = JSON.stringify([views, call.transport]);
    if (now === measured.sent) return;
    measured.sent = now;
    measured.sentAtMs = nowMs;
    for (const side of SIDES) {
      const me = views[side];
      const them = views[otherSide(side)];
      this.#toPage(call, side, { type: 'call.connections', callId: call.callId, transport: call.transport, me, them });
    }
  }

  async #probe(measured: Measured): Promise<void> {
    const { call } = measured;
    const legId = call.legs.model;
    // In a suspension nothing flows, and a silent side has other troubles than its bandwidth.
    if (legId === null || call.facts.state === 'suspended' || call.silent.has('model')) return;
    const connectionId = call.connections.model;
    if (connectionId === null) return;
    measured.isProbing = true;
    const { evidence, startedAtMs } = await this.#deps.prober.probe({
      connectionId,
      iceServers: this.#iceServers(call.personOf('model')),
      besideLegId: legId,
      isOnSession: call.transport === 'webtransport',
      send: (message) => this.#deps.hub.sendToConnection(connectionId, message),
    });
    measured.isProbing = false;
    if (this.#byCall.get(call.callId) !== measured) return;
    measured.uplink.probed(evidence, startedAtMs, monotonicMs());
    if (evidence.verdict !== 'inconclusive') measured.recent = [...measured.recent, evidence].slice(-PROBES_KEPT_MAX);
    if (!this.#deps.meter.isOpen(call.callId)) {
      measured.early = [...measured.early, { evidence, startedAtMs }].slice(-PROBES_KEPT_MAX);
      return;
    }
    this.#deps.meter.probe(call.callId, evidence, startedAtMs);
    const row = measured.unanswered.probed(evidence, startedAtMs, this.#isHidden(measured));
    if (row) this.#deps.meter.unanswered(call.callId, row);
  }

  /** A page that says nothing of it is held to be in the foreground. */
  #isHidden({ reports }: Measured): boolean {
    const said = reports.model;
    return said !== null && said.report.isVisible === false && monotonicMs() - said.atMs < REPORT_AGE_MS_MAX;
  }

  #toPage(call: ConnectedCall, side: Side, message: HubMessage): void {
    const connectionId = call.connections[side];
    if (connectionId !== null) this.#deps.hub.sendToConnection(connectionId, message);
  }
}
