import type { PageRequest } from '@contract/hub.ts';
import { MOQ_PROTOCOL } from '@contract/media-tracks.ts';
import type { ProbeOrder } from '~/connection-tests';
import type { MediaStats } from '../stats.ts';
import { type Exchange, openExchange } from './exchange.ts';
import type { MediaEnds, SessionAddress } from './media-ends.ts';
import { PictureEncoder } from './picture-encoder.ts';
import { createPublisher, type Publisher } from './publisher.ts';

/** What the page hears of its session. */
export type SessionEvents = {
  up(): void;
  failed(why: string): void;
  /** To be sent to the appliance, over the hub. */
  tell(message: PageRequest): void;
};

/** A session that is not open in this time is given up; the appliance waits no longer either. */
const OPEN_MS_MAX = 2_500;

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** One WebTransport session at a time, with what is sent and read over it. */
export class SessionHost {
  #transport: WebTransport | null = null;
  #exchange: Exchange | null = null;
  #events: SessionEvents | null = null;
  #publisher: Publisher | null = null;
  readonly #pictures = new PictureEncoder();

  /** A call is about to begin. */
  warmUp(): Promise<void> {
    return this.#pictures.warmUp();
  }

  /** Opens a session in place of any that there is. */
  async open(address: SessionAddress, ends: MediaEnds, events: SessionEvents): Promise<void> {
    this.close();
    const transport = new WebTransport(address.url, {
      serverCertificateHashes: address.hashes.map((hash) => ({ algorithm: 'sha-256', value: bytesOf(hash) })),
      protocols: [MOQ_PROTOCOL],
      congestionControl: 'low-latency',
    });
    this.#transport = transport;
    this.#events = events;
    const fail = (why: string) => this.#fail(transport, why);
    const fault = (error: Error) => fail(error.message);
    const publisher = createPublisher(this.#pictures, fault);
    this.#publisher = publisher;
    const timer = setTimeout(() => fail('no session in time'), OPEN_MS_MAX);
    transport.closed.then(({ closeCode, reason }) => fail(`closed ${closeCode}: ${reason}`), fault);
    try {
      await transport.ready;
      if (this.#transport !== transport) return;
      const tell = (message: PageRequest) => events.tell(message);
      // The appliance passes media on as soon as the other page is there: nobody waits for the start.
      const exchange = await openExchange(transport, address, ends, publisher, { tell, fault });
      if (this.#transport !== transport) return exchange.close();
      this.#exchange = exchange;
      events.up();
    } catch (error) {
      fault(error as Error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The camera's frames from now on, in place of any before; null: none. */
  sendPicture(frames: ReadableStream<VideoFrame> | null): void {
    if (this.#publisher) this.#publisher.video.setFrames(frames);
    else void frames?.cancel().catch(() => {});
  }

  /** The same of the microphone. */
  sendSound(sound: ReadableStream<AudioData> | null): void {
    if (this.#publisher) this.#publisher.audio.setSound(sound);
    else void sound?.cancel().catch(() => {});
  }

  /** From the audio thread to the ear, in ms. */
  soundLatency(ms: number): void {
    this.#exchange?.soundLatency(ms);
  }

  async probe(order: ProbeOrder): Promise<void> {
    await this.#exchange?.probe(order);
  }

  async stats(): Promise<MediaStats | null> {
    return (await this.#exchange?.stats()) ?? null;
  }

  close(): void {
    this.#exchange?.close();
    this.#publisher?.close();
    this.#transport?.close({ closeCode: 0, reason: 'left' });
    this.#transport = null;
    this.#exchange = null;
    this.#events = null;
    this.#publisher = null;
  }

  #fail(transport: WebTransport, why: string): void {
    if (this.#transport !== transport) return;
    const events = this.#events;
    this.close();
    events?.failed(why);
  }
}
