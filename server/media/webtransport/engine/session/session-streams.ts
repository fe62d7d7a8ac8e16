import { H3 } from '../h3/errors.ts';
import type { QuicStream } from '../quic/stream.ts';
import type {
  WebTransportBidirectionalStream,
  WebTransportError,
  WebTransportReceiveStream,
  WebTransportSendStream,
} from '../web-transport.ts';
import { Incoming } from './incoming.ts';
import { ReceiveSide } from './receive-side.ts';
import { SendSide } from './send-side.ts';

/** The streams of a session, and their two shapes: QUIC's below, the W3C's above. */
export class SessionStreams {
  readonly incomingUni = new Incoming<WebTransportReceiveStream>();
  readonly incomingBidi = new Incoming<WebTransportBidirectionalStream>();
  readonly #open = new Set<QuicStream>();

  /** Ends the stream with the session. */
  track(stream: QuicStream): void {
    this.#open.add(stream);
    stream.handler = { onOver: () => this.#open.delete(stream) };
  }

  /** A stream of the peer's. @param rest its bytes that have been read already */
  take(stream: QuicStream, rest: Buffer, isLast: boolean): void {
    this.track(stream);
    // What comes before somebody asks for the stream stays in QUIC.
    stream.pause();
    const begin = <T>(shape: T, receive: ReceiveSide): T => {
      if (rest.length > 0 || isLast) receive.onData(rest, isLast);
      return shape;
    };
    const isWanted = stream.isUni
      ? this.incomingUni.push(() => begin(...this.#receiving(stream)))
      : this.incomingBidi.push(() => begin(...this.#both(stream)));
    if (!isWanted) stream.abandon(H3.WT_BUFFERED_STREAM_REJECTED);
  }

  sending(stream: QuicStream): WebTransportSendStream {
    const send = new SendSide(stream);
    stream.handler = {
      ...stream.handler,
      onStopped: (code) => send.onStopped(code),
      onDrain: () => send.onDrain(),
      onGone: () => send.onGone(),
    };
    if (stream.stoppedCode !== null) send.onStopped(stream.stoppedCode);
    return send.writable;
  }

  #receiving(stream: QuicStream): [WebTransportReceiveStream, ReceiveSide] {
    const receive = new ReceiveSide(stream);
    stream.handler = {
      ...stream.handler,
      onData: (chunk, isLast) => receive.onData(chunk, isLast),
      onReset: (code) => receive.onReset(code),
      onGone: () => receive.onGone(),
    };
    return [receive.readable, receive];
  }

  #both(stream: QuicStream): [WebTransportBidirectionalStream, ReceiveSide] {
    const writable = this.sending(stream);
    const sendGone = stream.handler.onGone;
    const [readable, receive] = this.#receiving(stream);
    const receiveGone = stream.handler.onGone;
    stream.handler.onGone = () => {
      sendGone?.();
      receiveGone?.();
    };
    return [{ readable, writable }, receive];
  }

  both(stream: QuicStream): WebTransportBidirectionalStream {
    return this.#both(stream)[0];
  }

  /** @param error null: the session was closed in order */
  end(error: WebTransportError | null): void {
    this.incomingUni.end(error);
    this.incomingBidi.end(error);
    for (const stream of [...this.#open]) stream.abandon(H3.WT_SESSION_GONE);
    this.#open.clear();
  }
}
