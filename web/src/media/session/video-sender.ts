import { type Group, Time, type Track } from '@moq/net';
import { FrameRate } from './frame-rate.ts';
import type { PictureEncoder, PictureSink, Size } from './picture-encoder.ts';
import { createPump } from './pump.ts';
import { nextRate, QUEUE_MS_LOST, type RateState, startRate } from './rate.ts';

/** Frames that the encoder may have before it; more come than it can take, and some are left out. */
const ENCODING_MAX = 2;
/** A keyframe at least this often: whoever lost the thread finds it again. */
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

/** Writes frames as groups, each of which begins with a keyframe. */
function createGroups(out: Track.Producer) {
  let group: Group.Producer | null = null;
  let frames = 0;
  return {
    get frames() {
      return frames;
    },
    write(chunk: EncodedVideoChunk) {
      if (chunk.type === 'key') {
        group?.close();
        group = out.appendGroup();
      }
      if (!group || group.isClosed) return;
      const payload = new Uint8Array(chunk.byteLength);
      chunk.copyTo(payload);
      group.writeFrame({ payload, timestamp: Time.Timestamp.fromMicros(chunk.timestamp) });
      frames += 1;
    },
    /** What of it was not sent yet is dropped; the next keyframe begins anew. */
    abandon() {
      group?.close(new Error('late'));
      group = null;
    },
    close: () => group?.close(),
  };
}

/** @param onFault an encoder that cannot be had or that failed */
export function createVideoSender(
  out: Track.Producer,
  encoder: PictureEncoder,
  onFault: (error: Error) => void,
): VideoSender {
  let rate: RateState = startRate(performance.now());
  const groups = createGroups(out);
  /** When the newest keyframe was asked for, or came. */
  let groupAtMs = Number.NEGATIVE_INFINITY;
  let wantsGroup = true;
  const frameRate = new FrameRate(performance.now());
  let isClosed = false;

  const sink: PictureSink = {
    take(chunk) {
      if (chunk.type === 'key') groupAtMs = performance.now();
      groups.write(chunk);
    },
    fault: onFault,
  };
  encoder.connect(sink);

  function encode(frame: VideoFrame) {
    const nowMs = performance.now();
    const keyFrame = nowMs - groupAtMs > (wantsGroup ? GROUP_MS_MIN : GROUP_MS_MAX);
    // Stamped here and not by the camera: sound and picture then share one clock.
    const stamped = new VideoFrame(frame, { timestamp: Math.round(nowMs * 1_000) });
    const isNewSize = encoder.encode(stamped, { size: sizeOf(frame), bps: rate.bps, keyFrame });
    stamped.close();
    if (!keyFrame && !isNewSize) return;
    wantsGroup = false;
    groupAtMs = nowMs;
  }

  const pump = createPump<VideoFrame>((frame) => {
    if (encoder.queued < ENCODING_MAX) encode(frame);
  }, onFault);

  return {
    setFrames(frames) {
      pump.read(isClosed ? null : frames);
      if (pump.isReading) wantsGroup = true;
    },
    feedback(word) {
      const nowMs = performance.now();
      if (word.wantsPicture) wantsGroup = true;
      rate = nextRate(rate, word, nowMs);
      if ((word.queueMs ?? 0) < QUEUE_MS_LOST || nowMs - groupAtMs < QUEUE_MS_LOST) return;
      // What waits would be late anyway: it is dropped whole, and a fresh picture sent.
      groups.abandon();
      wantsGroup = true;
    },
    get framesEncoded() {
      return groups.frames;
    },
    get bps() {
      return rate.bps;
    },
    picture() {
      if (!pump.isReading || groups.frames === 0) return null;
      return { ...encoder.size, framesPerSecond: frameRate.look(groups.frames, performance.now()) };
    },
    close() {
      isClosed = true;
      pump.read(null);
      encoder.disconnect(sink);
      groups.close();
    },
  };
}
