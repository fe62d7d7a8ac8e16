import { VIDEO_CODEC } from './codec.ts';
import { PICTURE_BPS_START } from './rate.ts';

export type Size = { readonly width: number; readonly height: number };

/** What takes the encoded pictures of one session. */
export type PictureSink = {
  take(chunk: EncodedVideoChunk): void;
  /** The encoder cannot be had, or failed. */
  fault(error: Error): void;
};

/** What most cameras will give. */
const SIZE_EXPECTED: Size = { width: 1_280, height: 720 };
/** Stamp of the picture that nobody sees: no frame of a camera has it. */
const WARM_UP_US = 0;
/** The encoder is told of a new bitrate when it differs by more. */
const RATE_STEP = 0.08;

/**
 * The page's encoder of pictures, which outlives the sessions of a call: the first picture of an encoder takes
 * several times as long as any other, so that one is made while it rings.
 */
export class PictureEncoder {
  #encoder: VideoEncoder | null = null;
  #sink: PictureSink | null = null;
  #takeWarmUp: (chunk: EncodedVideoChunk) => void = () => {};
  #size: Size = { width: 0, height: 0 };
  #bps = 0;

  get size(): Size {
    return this.#size;
  }

  /** Frames that it has before it. */
  get queued(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  /** Encodes a black picture, and decodes it: what the browser loads for both is there when a call begins. */
  async warmUp(): Promise<void> {
    const decoder = new VideoDecoder({ output: (frame) => frame.close(), error: () => {} });
    decoder.configure({ codec: VIDEO_CODEC, optimizeForLatency: true });
    this.#takeWarmUp = (chunk) => decoder.decode(chunk);
    const { width, height } = SIZE_EXPECTED;
    const pixels = width * height;
    const black = new Uint8Array(pixels * 1.5).fill(128, pixels);
    const init = { format: 'I420', codedWidth: width, codedHeight: height, timestamp: WARM_UP_US } as const;
    const frame = new VideoFrame(black, init);
    this.encode(frame, { size: SIZE_EXPECTED, bps: PICTURE_BPS_START, keyFrame: true });
    frame.close();
    await this.#encoder?.flush();
    await decoder.flush();
    decoder.close();
  }

  /** From now on pictures go there, and nowhere else. */
  connect(sink: PictureSink): void {
    this.#sink = sink;
  }

  disconnect(sink: PictureSink): void {
    if (this.#sink === sink) this.#sink = null;
  }

  /** @returns whether this size is a new one, of which a keyframe comes first */
  encode(frame: VideoFrame, how: { size: Size; bps: number; keyFrame: boolean }): boolean {
    const { size } = how;
    const isNewSize = size.width !== this.#size.width || size.height !== this.#size.height;
    if (isNewSize || !this.#encoder || Math.abs(how.bps - this.#bps) > this.#bps * RATE_STEP) this.#configure(how);
    this.#encoder?.encode(frame, { keyFrame: how.keyFrame || isNewSize });
    return isNewSize;
  }

  #configure({ size, bps }: { size: Size; bps: number }): void {
    this.#encoder ??= this.#make();
    this.#size = size;
    this.#bps = bps;
    this.#encoder.configure({
      codec: VIDEO_CODEC,
      ...size,
      bitrate: bps,
      framerate: 30,
      latencyMode: 'realtime',
    });
  }

  #make(): VideoEncoder {
    const made = new VideoEncoder({
      output: (chunk) => {
        if (chunk.timestamp === WARM_UP_US) this.#takeWarmUp(chunk);
        else this.#sink?.take(chunk);
      },
      error: (error) => {
        if (this.#encoder !== made) return;
        this.#encoder = null;
        this.#size = { width: 0, height: 0 };
        this.#sink?.fault(error);
      },
    });
    return made;
  }
}
