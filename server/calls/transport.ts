import type { MediaTransport, Side, TransportChoice } from '../contract/index.ts';
import type { ActiveCall } from './active-call.ts';
import type { CallMediaControl } from './deps.ts';

/** What `npm run bench -- media` shows to be better for two pages of Chromium, the only ones that have both. */
export const BETTER: MediaTransport = 'webrtc';

/**
 * Which of the two ways a call's media takes. WebTransport is taken where the operator wants it, both pages have it
 * and its process is up; once it has failed for a page in a call, WebRTC is, until that page has been loaded anew.
 */
export class Transports {
  readonly #wanted: MediaTransport;
  readonly #media: CallMediaControl;
  /** Pages that have said that they can. */
  readonly #able = new Set<number>();

  constructor(choice: TransportChoice, media: CallMediaControl) {
    this.#wanted = choice === 'auto' ? BETTER : choice;
    this.#media = media;
  }

  /** Whether any call may take WebTransport. */
  get mayBeSession(): boolean {
    return this.#wanted === 'webtransport';
  }

  said(connectionId: number, isAble: boolean): void {
    if (isAble) this.#able.add(connectionId);
    else this.#able.delete(connectionId);
  }

  pageClosed(connectionId: number): void {
    this.#able.delete(connectionId);
  }

  choose(call: ActiveCall): MediaTransport {
    if (this.#wanted === 'webrtc') return 'webrtc';
    const { client, model } = call.connections;
    const canBoth = [client, model].every((id) => id !== null && this.#able.has(id) && !call.failedSessions.has(id));
    return canBoth && this.#media.isTransportUp('webtransport') ? 'webtransport' : 'webrtc';
  }

  /** The page's session has failed: its calls go another way from now on. */
  failed(call: ActiveCall, side: Side): void {
    const connectionId = call.connections[side];
    if (connectionId !== null) call.failedSessions.add(connectionId);
  }
}
