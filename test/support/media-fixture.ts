import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaPeer } from '../../server/cli/doctor/media-peer.ts';
import type { Side } from '../../server/contract/index.ts';
import { type LegEvent, MediaControl, type RecycleLimits, readAnswer } from '../../server/media/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';
import { temporaryFolder } from './store.ts';

const program = path.resolve(import.meta.dirname, '../../dist/server/media-webrtc.mjs');
const WAIT_MS_MAX = 15_000;

/** The media module with its real process and no appliance around it. */
export class MediaFixture {
  readonly control: MediaControl;
  readonly data = temporaryFolder('media');
  readonly events: LegEvent[] = [];

  constructor(limits: Partial<RecycleLimits> = {}, options: { udpPort?: number; program?: string } = {}) {
    this.control = new MediaControl(
      {
        transport: 'webrtc',
        program: options.program ?? program,
        dataDir: this.data,
        udpPort: options.udpPort ?? 0,
        bindAddress: '127.0.0.1',
      },
      createLog('silent'),
      createMetrics(),
      limits,
    );
    this.control.onLeg((event) => this.events.push(event));
  }

  async until<T>(find: () => T | undefined | null | false, what: string): Promise<T> {
    const giveUpAtMs = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const found = find();
      if (found) return found;
      if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}`);
      await sleep(5);
    }
  }

  event<T extends LegEvent['type']>(legId: number, type: T): Promise<Extract<LegEvent, { type: T }>> {
    return this.until(
      () => this.events.find((event) => event.legId === legId && event.type === type),
      `${type} of leg ${legId}`,
    ) as Promise<Extract<LegEvent, { type: T }>>;
  }

  /** A leg with a peer at its other end; with `change` the peer's answer is another. */
  async leg(
    callId: number,
    side: Side,
    change?: (answer: string) => string,
  ): Promise<{ legId: number; peer: MediaPeer }> {
    const legId = this.control.openLeg(callId, side);
    const { sdp } = await this.event(legId, 'offer');
    const peer = await MediaPeer.open(callId * 10 + (side === 'model' ? 1 : 2));
    await peer.take(
      {
        sdp,
        answer: (text) => {
          const transport = readAnswer(text);
          if (typeof transport === 'string') throw new Error(transport);
          this.control.answer(legId, transport);
        },
      },
      change,
    );
    const { candidates } = await this.event(legId, 'candidates');
    peer.addCandidates(candidates);
    return { legId, peer };
  }

  /** A call whose two legs are up, with its lease open for a long time. */
  async call(callId: number): Promise<Record<Side, { legId: number; peer: MediaPeer }>> {
    const [model, client] = await Promise.all([this.leg(callId, 'model'), this.leg(callId, 'client')]);
    await Promise.all([model.peer.connected(), client.peer.connected()]);
    await Promise.all([this.event(model.legId, 'up'), this.event(client.legId, 'up')]);
    return { model, client };
  }
}
