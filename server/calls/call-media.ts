import { monotonicMs } from '../clock/index.ts';
import { type CallId, type HubMessage, type Side, UserError } from '../contract/index.ts';
import type { Connection, Hub } from '../hub/index.ts';
import type { LegEvent, MediaControl } from '../media/index.ts';
import type { Meter } from '../meter/index.ts';
import type { Log } from '../telemetry/index.ts';
import type { ActiveCall } from './active-call.ts';
import { LEASE_RENEW_MS, leaseUntil } from './lease.ts';
import type { CallEvent } from './machine.ts';

export interface MediaRooms {
  readonly hub: Hub;
  readonly media: MediaControl;
  readonly meter: Meter;
  readonly log: Log;
}

export interface CallsInMedia {
  calls(): Iterable<ActiveCall>;
  callOf(callId: CallId): ActiveCall | undefined;
  happened(call: ActiveCall, event: CallEvent): void;
}

const SIDES = ['client', 'model'] as const;

/** The media of the calls: their legs and leases, and what the media process says of them. */
export class CallMedia {
  readonly #rooms: MediaRooms;
  readonly #calls: CallsInMedia;
  readonly #renewal: NodeJS.Timeout;

  constructor(rooms: MediaRooms, calls: CallsInMedia) {
    this.#rooms = rooms;
    this.#calls = calls;
    rooms.media.onLeg((event) => this.#onLeg(event));
    this.#renewal = setInterval(() => this.#renewLeases(), LEASE_RENEW_MS);
  }

  stop(): void {
    clearInterval(this.#renewal);
  }

  /** New legs for both sides, in place of any they have; nothing flows through them yet. */
  open(call: ActiveCall): void {
    const { media, meter } = this.#rooms;
    for (const side of SIDES) {
      call.legs[side] = media.openLeg(call.callId, side);
      call.silent.add(side);
    }
    if (meter.isOpen(call.callId)) meter.pause(call.callId, 'no_media', monotonicMs());
    this.lease(call);
  }

  /** Both pages attach camera and microphone together, once both legs are up. */
  start(call: ActiveCall): void {
    for (const side of SIDES) {
      const legId = call.legs[side];
      if (legId !== null) this.#toPage(call, side, { type: 'media.start', legId });
    }
  }

  close(call: ActiveCall): void {
    this.#rooms.media.lease(call.callId, 0);
    this.#rooms.media.closeCall(call.callId);
    call.legs.client = call.legs.model = null;
  }

  /** Sets the lease to what the call may carry now: the confirmation is free, live time is paid for. */
  lease(call: ActiveCall): void {
    const { media, meter } = this.#rooms;
    const figures = meter.figures(call.callId);
    if (figures) media.lease(call.callId, leaseUntil(figures, monotonicMs()));
    else if (call.facts.state === 'confirming') media.lease(call.callId, monotonicMs() + call.timeLeftMs('confirm'));
  }

  /**
   * An answer or a candidate from a page.
   * @throws UserError `not_allowed` when the leg is another page's
   */
  take(from: Connection, message: { legId: number; sdp?: string; candidate?: string }): void {
    const { media } = this.#rooms;
    const place = media.legOf(message.legId);
    const call = place && this.#calls.callOf(place.callId);
    // A leg that is gone is no fault of the page: the new one's offer is on its way.
    if (!call || call.legs[place.side] !== message.legId) return;
    if (call.connections[place.side] !== from.connectionId)
      throw new UserError('not_allowed', 'This leg is not yours.');
    if (message.sdp !== undefined) media.answer(message.legId, message.sdp);
    if (message.candidate !== undefined) media.candidate(message.legId, message.candidate);
  }

  #onLeg(event: LegEvent): void {
    const call = this.#calls.callOf(event.callId);
    if (!call || call.legs[event.side] !== event.legId) return;
    const { legId, side } = event;
    const { callId } = call;
    switch (event.type) {
      case 'offer':
        return this.#toPage(call, side, { type: 'media.offer', callId, legId, sdp: event.sdp, iceServers: [] });
      case 'candidates':
        return this.#toPage(call, side, { type: 'media.candidates', legId, candidates: event.candidates });
      case 'up':
        return this.#calls.happened(call, { type: 'media_up', by: side });
      case 'flowing':
        call.silent.delete(side);
        if (call.silent.size === 0) this.#rooms.meter.resume(callId, 'no_media');
        return;
      case 'silent':
        call.silent.add(side);
        return this.#rooms.meter.pause(callId, 'no_media', event.sinceMs);
      case 'down':
        this.#toPage(call, side, { type: 'media.closed', legId });
        return this.#calls.happened(call, { type: 'media_down', by: side });
      case 'refused':
        return this.#rooms.log.warn({ callId, side, code: event.code }, "a page's answer was refused");
    }
  }

  #toPage(call: ActiveCall, side: Side, message: HubMessage): void {
    const connectionId = call.connections[side];
    if (connectionId !== null) this.#rooms.hub.sendToConnection(connectionId, message);
  }

  #renewLeases(): void {
    for (const call of this.#calls.calls()) {
      if (this.#rooms.meter.figures(call.callId)?.state === 'not_charging') this.lease(call);
    }
  }
}
