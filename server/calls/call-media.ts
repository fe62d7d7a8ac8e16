import type { HostPauseReason } from '../../core-wasm/index.ts';
import { monotonicMs } from '../clock/index.ts';
import { ConnectionQuality, ConnectionTests, type IceServersFor, Prober } from '../connections/index.ts';
import {
  type CallId,
  type HubMessage,
  type PageMessage,
  type Side,
  sessionPath,
  UserError,
} from '../contract/index.ts';
import type { Connection } from '../hub/index.ts';
import { isOwnCandidate, type LegEvent, readAnswer } from '../media/index.ts';
import type { ActiveCall } from './active-call.ts';
import type { MediaDeps, MediaTerms } from './deps.ts';
import type { CallEvent } from './machine.ts';
import { LEASE_RENEW_MS, mediaGate } from './media-gate.ts';
import { SessionTimers } from './session-timers.ts';
import { Transports } from './transport.ts';

/** What a page sends about a leg. */
type LegMessage = Extract<PageMessage, { legId: number }>;

export interface CallsInMedia {
  calls(): Iterable<ActiveCall>;
  callOf(callId: CallId): ActiveCall | undefined;
  happened(call: ActiveCall, event: CallEvent): void;
  /** What its media may do has changed: lease and gates are set at the end of this turn. */
  mediaChanged(call: ActiveCall): void;
}

const SIDES = ['client', 'model'] as const;
const NO_MEDIA: Record<Side, HostPauseReason> = { client: 'client_no_media', model: 'no_media' };

/** The media of the calls: their legs and leases, and what the media process says of them. */
export class CallMedia {
  readonly #deps: MediaDeps;
  readonly #calls: CallsInMedia;
  readonly #renewal: NodeJS.Timeout;
  readonly #sessionTimers = new SessionTimers();
  readonly #iceServers: IceServersFor;
  readonly #prober: Prober;
  readonly #quality: ConnectionQuality;
  readonly #transports: Transports;
  readonly #certificateHashes: () => string[];
  readonly tests: ConnectionTests;

  constructor(deps: MediaDeps, terms: MediaTerms, calls: CallsInMedia) {
    this.#deps = deps;
    this.#calls = calls;
    this.#iceServers = terms.iceServers;
    this.#certificateHashes = terms.certificateHashes;
    this.#transports = new Transports(terms.transport, deps.media);
    this.#prober = new Prober(deps.media, deps.metrics, deps.log, terms.slowLinkKbps);
    this.#quality = new ConnectionQuality({ ...deps, prober: this.#prober }, terms);
    this.tests = new ConnectionTests({ ...deps, prober: this.#prober }, terms.iceServers);
    deps.media.onLeg((event) => this.#onLeg(event));
    this.#renewal = setInterval(() => this.#renewLeases(), LEASE_RENEW_MS);
  }

  stop(): void {
    clearInterval(this.#renewal);
    this.#sessionTimers.stop();
    this.#prober.stop();
  }

  /** New legs for both sides, in place of any they have; nothing flows through them yet. */
  open(call: ActiveCall): void {
    const { media } = this.#deps;
    call.transport = this.#transports.choose(call);
    for (const side of SIDES) {
      this.#legGone(call, side);
      const legId = media.openLeg(call.callId, side, call.transport);
      call.legs[side] = legId;
      if (call.transport === 'webtransport') this.#expectSession(call, side, legId);
      call.switchesOff[side].stops(monotonicMs());
      call.silent.add(side);
    }
    this.#calls.mediaChanged(call);
  }

  /** Both pages attach camera and microphone together, once both legs are up. */
  start(call: ActiveCall): void {
    for (const side of SIDES) {
      const legId = call.legs[side];
      if (legId !== null) this.#toPage(call, side, { type: 'media.start', legId });
    }
    this.#quality.started(call);
  }

  close(call: ActiveCall): void {
    const { media } = this.#deps;
    media.lease(call.callId, 0);
    call.forwardedMs = media.forwardedMs(call.callId, 'model') - call.forwardedBeforeMs;
    for (const side of SIDES) this.#legGone(call, side);
    media.closeCall(call.callId);
    this.#quality.closed(call);
    call.legs.client = call.legs.model = null;
    call.transport = null;
  }

  /** The meter has started: what was measured before counts from its first moment. */
  meterStarted(call: ActiveCall): void {
    // The confirmation was free: what reached the client then is not held against what is paid.
    call.forwardedBeforeMs = this.#deps.media.forwardedMs(call.callId, 'model');
    this.#quality.meterStarted(call);
    this.#calls.mediaChanged(call);
  }

  /** What a page says of its person's switches; it repeats it twice a second while both are off. */
  switches(call: ActiveCall, side: Side, { isMuted, isCameraOff }: { isMuted: boolean; isCameraOff: boolean }): void {
    const offSinceMs = call.switchesOff[side].said(isMuted && isCameraOff, call.silent.has(side), monotonicMs());
    const legId = call.legs[side];
    if (legId !== null) this.#deps.media.switches(legId, offSinceMs);
  }

  /** Sides of which no media flows: their pauses (charging rules: `no_media`). */
  silence(call: ActiveCall): HostPauseReason[] {
    return SIDES.filter((side) => call.silent.has(side)).map((side) => NO_MEDIA[side]);
  }

  /** Sets lease and gates to what the call may carry now; a call without legs has none. */
  lease(call: ActiveCall): void {
    if (call.transport === null) return;
    const { media, meter } = this.#deps;
    const { facts, callId } = call;
    const gate = mediaGate(
      { state: facts.state, isClientSilent: call.silent.has('client'), confirmLeftMs: call.timeLeftMs('confirm') },
      meter.figures(callId),
      monotonicMs(),
    );
    for (const side of SIDES) media.gate(callId, side, gate.isOpen[side]);
    media.lease(callId, gate.leaseUntilMs);
  }

  /**
   * What a page says of a leg: its answer, a candidate, a burst that it has sent, its picture.
   * @throws UserError `bad_sdp`, `bad_candidate`, `too_many_requests`; `not_allowed` when the leg is another page's
   */
  take(from: Connection, message: LegMessage): void {
    const owner = this.#prober.connectionOf(message.legId);
    if (owner !== null) return this.#takeOf(owner, from, message, { report() {}, stall() {} });
    const place = this.#deps.media.legOf(message.legId);
    const call = place && this.#calls.callOf(place.callId);
    // A leg that is gone is no fault of the page: the new one's offer is on its way.
    if (!call || call.legs[place.side] !== message.legId) return;
    this.#takeOf(call.connections[place.side], from, message, {
      report: (report) => this.#quality.reported(call, place.side, report),
      stall: () => {
        call.countLegs(place.side);
        this.#calls.happened(call, { type: 'stalled', by: place.side });
      },
    });
  }

  #takeOf(
    owner: number | null,
    from: Connection,
    message: LegMessage,
    on: { report(report: Extract<LegMessage, { type: 'media.report' }>): void; stall(): void },
  ): void {
    const { media } = this.#deps;
    const { legId } = message;
    if (owner !== from.connectionId) throw new UserError('not_allowed', 'This leg is not yours.');
    switch (message.type) {
      case 'media.answer': {
        const transport = readAnswer(message.sdp);
        if (typeof transport === 'string') throw new UserError('bad_sdp', transport);
        const candidates = transport.candidates.filter((candidate) => isOwnCandidate(candidate, from.address));
        return media.answer(legId, { ...transport, candidates });
      }
      case 'media.candidate':
        if (!isOwnCandidate(message.candidate, from.address)) throw new UserError('bad_candidate');
        return media.candidate(legId, message.candidate);
      case 'media.probed':
        return this.#prober.reported(message);
      case 'media.report':
        return on.report(message);
      case 'media.failed':
        return this.#pageFailed(message);
      case 'media.stalled':
        return on.stall();
    }
  }

  /** A page says whether it can take WebTransport; it is forgotten when its socket closes. */
  able(from: Connection, isAble: boolean): void {
    this.#transports.said(from.connectionId, isAble);
    if (isAble && this.#transports.mayBeSession)
      this.#deps.hub.sendToConnection(from.connectionId, { type: 'media.prepare' });
  }

  pageClosed({ connectionId }: Connection): void {
    this.#transports.pageClosed(connectionId);
  }

  /** A session that is not there in time will not come: UDP is blocked on the way, or the page is too old. */
  #expectSession(call: ActiveCall, side: Side, legId: number): void {
    this.#sessionTimers.expect(legId, () => {
      if (call.legs[side] === legId) this.#sessionFailed(call, side, 'no session in time');
    });
  }

  #pageFailed({ legId, why }: Extract<LegMessage, { type: 'media.failed' }>): void {
    const place = this.#deps.media.legOf(legId);
    const call = place && this.#calls.callOf(place.callId);
    if (call && place.transport === 'webtransport') this.#sessionFailed(call, place.side, why);
  }

  /** The call goes on over WebRTC, if it may. */
  #sessionFailed(call: ActiveCall, side: Side, why: string): void {
    const { log, metrics } = this.#deps;
    log.warn({ callId: call.callId, side, why }, 'a WebTransport session failed');
    metrics.sessionsFailed.inc();
    this.#transports.failed(call, side);
    this.#calls.happened(call, { type: 'media_down', by: side });
  }

  #legGone(call: ActiveCall, side: Side): void {
    const legId = call.legs[side];
    if (legId === null) return;
    this.#sessionTimers.forget(legId);
    this.#prober.drop(({ besideLegId }) => besideLegId === legId);
  }

  #onLeg(event: LegEvent): void {
    const call = this.#calls.callOf(event.callId);
    if (!call || call.legs[event.side] !== event.legId) return;
    const { legId, side } = event;
    const { callId } = call;
    switch (event.type) {
      case 'offer':
        return this.#toPage(call, side, {
          type: 'media.offer',
          callId,
          legId,
          sdp: event.sdp,
          iceServers: this.#iceServers(call.personOf(side)),
        });
      case 'admission':
        return this.#toPage(call, side, {
          type: 'media.session',
          callId,
          legId,
          side,
          port: this.#deps.media.udpPortOf('webtransport'),
          path: sessionPath(legId, event.token),
          hashes: this.#certificateHashes(),
        });
      case 'candidates':
        return this.#toPage(call, side, { type: 'media.candidates', legId, candidates: event.candidates });
      case 'up':
        this.#sessionTimers.forget(legId);
        return this.#calls.happened(call, { type: 'media_up', by: side });
      case 'flowing':
        call.silent.delete(side);
        call.switchesOff[side].flows(monotonicMs());
        this.#deps.meter.resume(callId, NO_MEDIA[side]);
        return this.#calls.mediaChanged(call);
      case 'silent':
        call.switchesOff[side].stops(event.sinceMs);
        call.silent.add(side);
        this.#deps.meter.pause(callId, NO_MEDIA[side], event.sinceMs);
        return this.#calls.mediaChanged(call);
      case 'down':
        this.#legGone(call, side);
        this.#toPage(call, side, { type: 'media.closed', legId });
        if (call.transport === 'webtransport' && !event.isByPage) return this.#sessionFailed(call, side, event.why);
        return this.#calls.happened(call, {
          type: 'media_down',
          by: side,
          // The fault began when the process was last heard of, not when that was noticed (charging rules).
          ...(event.sinceMs !== undefined && { applianceLostAtMs: event.sinceMs }),
        });
      case 'probed':
        return this.#prober.arrived(legId, event.arrivals);
      case 'refused':
        return this.#deps.log.warn({ callId, side, code: event.code }, "a page's answer was refused");
    }
  }

  #toPage(call: ActiveCall, side: Side, message: HubMessage): void {
    const connectionId = call.connections[side];
    if (connectionId !== null) this.#deps.hub.sendToConnection(connectionId, message);
  }

  #renewLeases(): void {
    for (const call of this.#calls.calls()) {
      if (this.#deps.meter.figures(call.callId)?.state === 'not_charging') this.lease(call);
    }
  }
}
