import { monotonicMs } from '../clock/index.ts';
import {
  type HubMessage,
  type LegCounters,
  type LinkView,
  type PageMessage,
  type ProbeEvidence,
  REPORT_MS,
  type Side,
} from '../contract/index.ts';
import { decide } from '../media/index.ts';
import type { Meter } from '../meter/index.ts';
import type { ActiveCall } from './active-call.ts';
import type { CallHub, CallMediaControl } from './dependencies.ts';
import type { GiveIceServers } from './link-tests.ts';
import { otherSide } from './machine.ts';
import type { Prober } from './prober.ts';
import { Unanswered } from './unanswered.ts';
import { Uplink } from './uplink.ts';

type Report = Extract<PageMessage, { type: 'media.report' }>;

/** What the connections' module uses of those around it. */
interface LinksDeps {
  readonly hub: Pick<CallHub, 'sendToConnection'>;
  readonly media: Pick<CallMediaControl, 'onCounters' | 'countersOfLeg'>;
  readonly meter: Pick<Meter, 'isOpen' | 'probe' | 'unanswered'>;
  readonly prober: Pick<Prober, 'probe'>;
}

/** Both people are told of their connections at most this often. */
const TELL_MS = 2_000;
/** A page that has not spoken for so long has nothing to say any more of its picture. */
const REPORT_AGE_MS_MAX = 3 * REPORT_MS;
/** Probes that are kept for the verdict shown, and for a meter that is not open yet. */
const PROBES_KEPT_MAX = 3;
const SIDES = ['client', 'model'] as const;

interface CallLinks {
  readonly call: ActiveCall;
  readonly uplink: Uplink;
  readonly unanswered: Unanswered;
  isProbing: boolean;
  /** Probes of the confirmation: the meter hears of them when it starts. */
  early: { startedAtMs: number; evidence: ProbeEvidence }[];
  recent: ProbeEvidence[];
  readonly before: Record<Side, { counters: LegCounters; atMs: number } | null>;
  readonly views: Record<Side, LinkView | null>;
  readonly reports: Record<Side, { report: Report; atMs: number } | null>;
  told: string;
  toldAtMs: number;
}

/** The connections of the calls: probes of the models' uplinks, and what both people read of each other's. */
export class Links {
  readonly #rooms: LinksDeps;
  readonly #isProbing: boolean;
  readonly #iceServers: GiveIceServers;
  readonly #byCall = new Map<number, CallLinks>();

  /** @param terms.slowLinkKbps 0: every link is fast enough, and none is probed */
  constructor(rooms: LinksDeps, terms: { slowLinkKbps: number; iceServers: GiveIceServers }) {
    this.#rooms = rooms;
    this.#isProbing = terms.slowLinkKbps > 0;
    this.#iceServers = terms.iceServers;
    rooms.media.onCounters(() => this.#count());
  }

  /** Both legs are up and both pages begin to send. */
  started(call: ActiveCall): void {
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
      unanswered: new Unanswered(),
      isProbing: false,
      early: [],
      recent: [],
      before: { client: null, model: null },
      views: { client: null, model: null },
      reports: { client: null, model: null },
      told: '',
      toldAtMs: 0,
    });
  }

  /** The meter has started: what was measured in the confirmation counts from its first moment. */
  meterStarted(call: ActiveCall): void {
    const links = this.#byCall.get(call.callId);
    for (const { evidence, startedAtMs } of links?.early.splice(0) ?? [])
      this.#rooms.meter.probe(call.callId, evidence, startedAtMs);
  }

  closed(call: ActiveCall): void {
    this.#byCall.delete(call.callId);
  }

  /** What a page says of its picture. */
  reported(call: ActiveCall, side: Side, report: Report): void {
    const links = this.#byCall.get(call.callId);
    if (links) links.reports[side] = { report, atMs: monotonicMs() };
  }

  #count(): void {
    const nowMs = monotonicMs();
    for (const links of this.#byCall.values()) {
      for (const side of SIDES) this.#countSide(links, side, nowMs);
      this.#tell(links, nowMs);
      if (this.#isProbing && !links.isProbing && nowMs >= links.uplink.dueAtMs) void this.#probe(links);
    }
  }

  #countSide(links: CallLinks, side: Side, nowMs: number): void {
    const { call } = links;
    const legId = call.legs[side];
    const counters = legId === null ? null : this.#rooms.media.countersOfLeg(legId);
    if (!counters) {
      links.before[side] = links.views[side] = null;
      return;
    }
    const before = links.before[side];
    links.before[side] = { counters, atMs: nowMs };
    if (side === 'model') links.uplink.counted(counters, nowMs);
    if (before?.counters.legId !== legId) return;
    links.views[side] = this.#view(links, side, before, counters, nowMs);
  }

  #view(
    links: CallLinks,
    side: Side,
    before: { counters: LegCounters; atMs: number },
    now: LegCounters,
    nowMs: number,
  ): LinkView {
    const lostOf = ({ audio, video }: LegCounters) => audio.lost + video.lost;
    const packets = now.packets - before.counters.packets;
    const lost = Math.max(0, lostOf(now) - lostOf(before.counters));
    const said = links.reports[side];
    const report = said && nowMs - said.atMs < REPORT_AGE_MS_MAX ? said.report : null;
    const rttMs = now.rttMs ?? report?.rttMs ?? null;
    const last = side === 'model' ? links.recent.findLast(({ verdict }) => verdict !== 'inconclusive') : undefined;
    return {
      rttMs: rttMs === null ? null : Math.round(rttMs),
      lossPct: packets + lost === 0 ? null : Math.round((1_000 * lost) / (packets + lost)) / 10,
      sendingKbps: Math.round(((now.bytes - before.counters.bytes) * 8) / Math.max(1, nowMs - before.atMs)),
      uplinkKbps: last?.kbps ?? null,
      uplinkVerdict: last ? (decide(links.recent) ?? last.verdict) : null,
      downlinkKbps: now.deliveredKbps,
      width: report?.sent?.width ?? null,
      height: report?.sent?.height ?? null,
      framesPerSecond: report?.sent?.framesPerSecond ?? null,
    };
  }

  #tell(links: CallLinks, nowMs: number): void {
    const { call, views } = links;
    if (nowMs - links.toldAtMs < TELL_MS || call.facts.state === 'ended') return;
    const now = JSON.stringify([views, call.transport]);
    if (now === links.told) return;
    links.told = now;
    links.toldAtMs = nowMs;
    for (const side of SIDES) {
      const me = views[side];
      const them = views[otherSide(side)];
      this.#toPage(call, side, { type: 'call.links', callId: call.callId, transport: call.transport, me, them });
    }
  }

  async #probe(links: CallLinks): Promise<void> {
    const { call } = links;
    const legId = call.legs.model;
    // In a suspension nothing flows, and a silent side has other troubles than its bandwidth.
    if (legId === null || call.facts.state === 'suspended' || call.silent.has('model')) return;
    const connectionId = call.connections.model;
    if (connectionId === null) return;
    links.isProbing = true;
    const { evidence, startedAtMs } = await this.#rooms.prober.probe({
      connectionId,
      iceServers: this.#iceServers(call.personOf('model')),
      besideLegId: legId,
      isOnSession: call.transport === 'webtransport',
      tell: (message) => this.#rooms.hub.sendToConnection(connectionId, message),
    });
    links.isProbing = false;
    if (this.#byCall.get(call.callId) !== links) return;
    links.uplink.probed(evidence, startedAtMs, monotonicMs());
    if (evidence.verdict !== 'inconclusive') links.recent = [...links.recent, evidence].slice(-PROBES_KEPT_MAX);
    if (!this.#rooms.meter.isOpen(call.callId)) {
      links.early = [...links.early, { evidence, startedAtMs }].slice(-PROBES_KEPT_MAX);
      return;
    }
    this.#rooms.meter.probe(call.callId, evidence, startedAtMs);
    const row = links.unanswered.probed(evidence, startedAtMs, this.#isHidden(links));
    if (row) this.#rooms.meter.unanswered(call.callId, row);
  }

  /** A page that says nothing of it is held to be in the foreground. */
  #isHidden({ reports }: CallLinks): boolean {
    const said = reports.model;
    return said !== null && said.report.isVisible === false && monotonicMs() - said.atMs < REPORT_AGE_MS_MAX;
  }

  #toPage(call: ActiveCall, side: Side, message: HubMessage): void {
    const connectionId = call.connections[side];
    if (connectionId !== null) this.#rooms.hub.sendToConnection(connectionId, message);
  }
}
