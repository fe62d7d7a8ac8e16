import { type Group, Time, type Track } from '@moq/net';
import type { PictureEncoder, PictureSink, Size } from './pictureEncoder.ts';
import { nextRate, QUEUE_MS_LOST, type RateState, startRate } from './rate.ts';

/** Frames that the encoder may have before it; more come than it can take, and some are left out. */
const ENCODING_MAX = 2;
/** A whole picture at least this often: whoever lost the thread finds it again. */
const GROUP_MS_MAX = 4_000;
/** Not more often on demand. */
const GROUP_MS_MIN = 250;
const LONG_SIDE_MAX = 1_280;

export type VideoSender = {
  /** The camera's, in place of any before. */
  setFrames(frames: ReadableStream<VideoFrame> | null): void;
  /** The receiver's word. */
  feedback(word: { wantsPicture: boolean; queueMs: number | null; kbps: number }): void;
  readonly framesEncoded: number;
  readonly bps: number;
  picture(): { width: number; height: number; framesPerSecond: number } | null;
  close(): void;
};

/** Even numbers, not above 720p's long side. */
function sizeOf(frame: VideoFrame): Size {
  const scale = Math.min(1, LONG_SIDE_MAX / Math.max(frame.displayWidth, frame.displayHeight));
  const even = (length: number) => Math.max(2, Math.round((length * scale) / 2) * 2);
  return { width: even(frame.displayWidth), height: even(frame.displayHeight) };
}

/** @param onFault an encoder that cannot be had or that failed */
export function createVideoSender(
  out: Track.Producer,
  encoder: PictureEncoder,
  onFault: (error: Error) => void,
): VideoSender {
  let rate: RateState = startRate(performance.now());
  let group: Group.Producer | null = null;
  let groupAtMs = Number.NEGATIVE_INFINITY;
  let wantsGroup = true;
  let framesEncoded = 0;
  let sinceMs = performance.now();
  let framesBefore = 0;
  let reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  let isClosed = false;

  const sink: PictureSink = {
    take(chunk) {
      if (chunk.type === 'key') {
        group?.close();
        group = out.appendGroup();
        groupAtMs = performance.now();
      }
      if (!group || group.isClosed) return;
      const payload = new Uint8Array(chunk.byteLength);
      chunk.copyTo(payload);
      group.writeFrame({ payload, timestamp: Time.Timestamp.fromMicros(chunk.timestamp) });
      framesEncoded += 1;
    },
    fault: onFault,
  };
  encoder.connect(sink);

  function encode(frame: VideoFrame) {
    const nowMs = performance.now();
    const isOld = nowMs - groupAtMs > GROUP_MS_MAX;
    const keyFrame = isOld || (wantsGroup && nowMs - groupAtMs > GROUP_MS_MIN);
    // Stamped here and not by the camera: sound and picture then share one clock.
    const stamped = new VideoFrame(frame, { timestamp: Math.round(nowMs * 1_000) });
    const isNewSize = encoder.encode(stamped, { size: sizeOf(frame), bps: rate.bps, keyFrame });
    stamped.close();
    if (!keyFrame && !isNewSize) return;
    wantsGroup = false;
    groupAtMs = nowMs;
  }

  async function run(mine: ReadableStreamDefaultReader<VideoFrame>) {
    for (;;) {
      const { value: frame, done } = await mine.read();
      if (done || isClosed || reader !== mine) {
        frame?.close();
        return;
      }
      try {
        if (encoder.queued < ENCODING_MAX) encode(frame);
      } finally {
        frame.close();
      }
    }
  }

  return {
    setFrames(frames) {
      void reader?.cancel().catch(() => {});
      reader = null;
      if (!frames || isClosed) return;
      reader = frames.getReader();
      wantsGroup = true;
      run(reader).catch(onFault);
    },
    feedback(word) {
      const nowMs = performance.now();
      if (word.wantsPicture) wantsGroup = true;
      rate = nextRate(rate, word, nowMs);
      if ((word.queueMs ?? 0) < QUEUE_MS_LOST || nowMs - groupAtMs < QUEUE_MS_LOST) return;
      // What waits would be late anyway: it is dropped whole, and a fresh picture sent.
      group?.close(new Error('late'));
      group = null;
      wantsGroup = true;
    },
    get framesEncoded() {
      return framesEncoded;
    },
    get bps() {
      return rate.bps;
    },
    picture() {
      if (!reader || framesEncoded === 0) return null;
      const nowMs = performance.now();
      const framesPerSecond = Math.round(((framesEncoded - framesBefore) * 1_000) / Math.max(1, nowMs - sinceMs));
      sinceMs = nowMs;
      framesBefore = framesEncoded;
      return { ...encoder.size, framesPerSecond };
    },
    close() {
      isClosed = true;
      void reader?.cancel().catch(() => {});
      reader = null;
      encoder.disconnect(sink);
      group?.close();
    },
  };
}
