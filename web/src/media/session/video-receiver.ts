import type { Group, Track } from '@moq/net';
import { wait } from '~/connection-tests';
import { VIDEO_CODEC } from './codec.ts';
import { FrameRate } from './frame-rate.ts';
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

/** A decoder that is made anew when it fails. @param onBroken what comes next is of no use before a keyframe */
function createDecoder(onFrame: (frame: VideoFrame) => void, onBroken: () => void) {
  let isClosed = false;
  let decoder = make();
  function make(): VideoDecoder {
    const made = new VideoDecoder({
      output: onFrame,
      error: () => {
        // What came was broken, or came after something that did not: the next keyframe mends it.
        if (isClosed || decoder !== made) return;
        onBroken();
        decoder = make();
      },
    });
    made.configure({ codec: VIDEO_CODEC, optimizeForLatency: true });
    return made;
  }
  return {
    get queued() {
      return decoder.decodeQueueSize;
    },
    decode: (chunk: EncodedVideoChunk) => decoder.decode(chunk),
    close() {
      isClosed = true;
      if (decoder.state !== 'closed') decoder.close();
    },
  };
}

/** Shows each frame when its sound is heard, or at once where there is none to wait for. */
function createPlayer(screen: WritableStream<VideoFrame>, soundDelayMs: () => number | null) {
  const writer = screen.getWriter();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let isClosed = false;

  function put(frame: VideoFrame) {
    if (isClosed) return frame.close();
    writer.write(frame).catch(() => frame.close());
  }

  return {
    show(frame: VideoFrame) {
      const dueMs = frame.timestamp / 1_000 + (soundDelayMs() ?? Number.NEGATIVE_INFINITY) - SOUND_LATE_MS;
      const waitMs = Math.min(WAIT_MS_MAX, dueMs - performance.now());
      if (waitMs < 5) return put(frame);
      const timer = setTimeout(() => {
        timers.delete(timer);
        put(frame);
      }, waitMs);
      timers.add(timer);
    },
    close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      void writer.close().catch(() => {});
    },
  };
}

/** Reads group after group. A newer one begins with a keyframe: what is missing of an older one is not waited for. */
async function readInOrder(
  source: Track.Subscriber,
  readGroup: (group: Group.Consumer) => Promise<void>,
  onLost: () => void,
): Promise<void> {
  let next = source.nextGroup();
  for (;;) {
    const group = await next;
    if (!group) return;
    next = source.nextGroup();
    const ended = readGroup(group).catch(onLost);
    await Promise.race([ended, next.then(() => wait(LAST_FRAMES_MS))]);
    group.close();
    await ended;
  }
}

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
  const player = createPlayer(screen, soundDelayMs);
  const queueing = new Queueing();
  let framesDecoded = 0;
  let bytes = 0;
  let wantsPicture = true;
  let size = { width: 0, height: 0 };
  const frameRate = new FrameRate(performance.now());
  let isClosed = false;
  const decoder = createDecoder(show, () => lose());

  function show(frame: VideoFrame) {
    framesDecoded += 1;
    size = { width: frame.displayWidth, height: frame.displayHeight };
    player.show(frame);
  }

  async function readGroup(group: Group.Consumer) {
    let isFirst = true;
    for (;;) {
      const frame = await group.readFrame();
      if (!frame || isClosed) return;
      const { payload, timestamp } = frame;
      bytes += payload.byteLength;
      queueing.take(timestamp.asMillis(), performance.now());
      if (decoder.queued > DECODING_MAX) {
        wantsPicture = true;
        return group.close();
      }
      if (isFirst) wantsPicture = false;
      const type = isFirst ? 'key' : 'delta';
      const data = payload as Uint8Array<ArrayBuffer>;
      decoder.decode(new EncodedVideoChunk({ type, timestamp: Math.round(timestamp.asMicros()), data }));
      isFirst = false;
    }
  }

  const lose = () => {
    wantsPicture = true;
  };
  readInOrder(source, readGroup, lose).catch((error: Error) => !isClosed && onFault(error));

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
      return { ...size, framesPerSecond: frameRate.look(framesDecoded, performance.now()) };
    },
    close() {
      isClosed = true;
      source.close();
      decoder.close();
      player.close();
    },
  };
}
