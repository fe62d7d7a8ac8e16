import type { Group, Track } from '@moq/net';
import { wait } from '../wait.ts';
import { VIDEO_CODEC } from './codec.ts';
import { Queueing } from './queueing.ts';

/** Sound that comes later than its picture by this is not noticed (ITU-R BT.1359-1): pictures wait for the rest only. */
const SOUND_LATE_MS = 100;
/** And not longer. */
const WAIT_MS_MAX = 60;
/** The last frames of a group may come with the first of the next. */
const LAST_FRAMES_MS = 60;
/** Frames that the decoder may have before it; then it is too slow, and the rest of the group is left out. */
const DECODING_MAX = 12;

export type VideoReceiver = {
  readonly framesDecoded: number;
  readonly wantsPicture: boolean;
  readonly bytes: number;
  /** How much longer frames are under way than the quickest lately; null when none came since it was asked. */
  queueMs(): number | null;
  picture(): { width: number; height: number; framesPerSecond: number } | null;
  close(): void;
};

/**
 * @param soundDelayMs how long after its capture (on the sender's clock, as it seems here) sound is heard; null
 *   when there is none to wait for
 */
export function createVideoReceiver(
  source: Track.Subscriber,
  screen: WritableStream<VideoFrame>,
  soundDelayMs: () => number | null,
  onFault: (error: Error) => void,
): VideoReceiver {
  const writer = screen.getWriter();
  const queueing = new Queueing();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let framesDecoded = 0;
  let bytes = 0;
  let wantsPicture = true;
  let size = { width: 0, height: 0 };
  let sinceMs = performance.now();
  let framesBefore = 0;
  let isClosed = false;
  let decoder = makeDecoder();

  function makeDecoder(): VideoDecoder {
    const made = new VideoDecoder({
      output: (frame) => show(frame),
      error: () => {
        // What came was broken, or came after something that did not: the next whole picture mends it.
        if (isClosed || decoder !== made) return;
        wantsPicture = true;
        decoder = makeDecoder();
      },
    });
    made.configure({ codec: VIDEO_CODEC, optimizeForLatency: true });
    return made;
  }

  function show(frame: VideoFrame) {
    framesDecoded += 1;
    size = { width: frame.displayWidth, height: frame.displayHeight };
    const dueMs = frame.timestamp / 1_000 + (soundDelayMs() ?? Number.NEGATIVE_INFINITY) - SOUND_LATE_MS;
    const waitMs = Math.min(WAIT_MS_MAX, dueMs - performance.now());
    if (waitMs < 5) return put(frame);
    const timer = setTimeout(() => {
      timers.delete(timer);
      put(frame);
    }, waitMs);
    timers.add(timer);
  }

  function put(frame: VideoFrame) {
    if (isClosed) return frame.close();
    writer.write(frame).catch(() => frame.close());
  }

  async function readGroup(group: Group.Consumer) {
    let isFirst = true;
    for (;;) {
      const frame = await group.readFrame();
      if (!frame || isClosed) return;
      const { payload, timestamp } = frame;
      bytes += payload.byteLength;
      queueing.take(timestamp.asMillis(), performance.now());
      if (decoder.decodeQueueSize > DECODING_MAX) {
        wantsPicture = true;
        return group.close();
      }
      if (isFirst) wantsPicture = false;
      decoder.decode(
        new EncodedVideoChunk({
          type: isFirst ? 'key' : 'delta',
          timestamp: Math.round(timestamp.asMicros()),
          data: payload as Uint8Array<ArrayBuffer>,
        }),
      );
      isFirst = false;
    }
  }

  async function run() {
    let next = source.nextGroup();
    for (;;) {
      const group = await next;
      if (!group || isClosed) return;
      next = source.nextGroup();
      // A newer group begins with a whole picture: what is missing of an older one is not waited for.
      const ended = readGroup(group).catch(() => {
        wantsPicture = true;
      });
      await Promise.race([ended, next.then(() => wait(LAST_FRAMES_MS))]);
      group.close();
      await ended;
    }
  }
  run().catch((error: Error) => !isClosed && onFault(error));

  return {
    get framesDecoded() {
      return framesDecoded;
    },
    get wantsPicture() {
      return wantsPicture;
    },
    get bytes() {
      return bytes;
    },
    queueMs: () => queueing.read(),
    picture() {
      if (size.width === 0) return null;
      const nowMs = performance.now();
      const framesPerSecond = Math.round(((framesDecoded - framesBefore) * 1_000) / Math.max(1, nowMs - sinceMs));
      sinceMs = nowMs;
      framesBefore = framesDecoded;
      return { ...size, framesPerSecond };
    },
    close() {
      isClosed = true;
      source.close();
      for (const timer of timers) clearTimeout(timer);
      if (decoder.state !== 'closed') decoder.close();
      void writer.close().catch(() => {});
    },
  };
}
