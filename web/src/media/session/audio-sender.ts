import { SOUND_BYTES_MAX } from '@contract/media-tracks.ts';
import { Time, type Track } from '@moq/net';
import { createPump } from './pump.ts';
import { packRed, type SoundPacket } from './red.ts';

const BITRATE = 64_000;
const FRAME_US = 20_000;
/** Each packet is sent so many times more with those that follow it: on any line, and on one that loses packets. */
const REPEATS = { usual: 1, lossy: 2 };
/** So long after a hole the line counts as one that does; a call begins as if there had been one. */
const LOSSY_MS = 10_000;

export type AudioSender = {
  /** The microphone's, in place of any before. */
  setSound(sound: ReadableStream<AudioData> | null): void;
  /** The receiver's word. */
  feedback(word: { readonly holes: number }): void;
  close(): void;
};

/** Not in TypeScript's library yet (W3C WebCodecs, Opus registration). */
type OpusConfig = AudioEncoderConfig & {
  opus: { frameDuration: number; application: 'voip' | 'audio'; useinbandfec: boolean; usedtx: boolean };
};

const opusConfig = (sampleRate: number, numberOfChannels: number): OpusConfig => ({
  codec: 'opus',
  sampleRate,
  numberOfChannels,
  bitrate: BITRATE,
  opus: { frameDuration: FRAME_US, application: 'audio', useinbandfec: true, usedtx: false },
});

/** @param onFault an encoder that cannot be had or that failed */
export function createAudioSender(out: Track.Producer, onFault: (error: Error) => void): AudioSender {
  let configured = '';
  let isClosed = false;
  /** From the microphone's clock to the page's, fixed when the track begins: its steps are exact, ours are not. */
  let offsetUs = 0;
  /** The last few, oldest first. */
  let sent: SoundPacket[] = [];
  let holeAtMs = performance.now();

  const encoder = new AudioEncoder({
    output(chunk) {
      if (isClosed) return;
      const payload = new Uint8Array(chunk.byteLength);
      chunk.copyTo(payload);
      const packet = { capturedUs: Math.round(chunk.timestamp + offsetUs), payload };
      const isLossy = performance.now() - holeAtMs < LOSSY_MS;
      const timestamp = Time.Timestamp.fromMicros(packet.capturedUs);
      out.appendDatagram(
        timestamp,
        packRed(packet, sent.slice(isLossy ? -REPEATS.lossy : -REPEATS.usual), SOUND_BYTES_MAX),
      );
      sent = [...sent, packet].slice(-REPEATS.lossy);
    },
    error: (error) => !isClosed && onFault(error),
  });

  function encode(data: AudioData) {
    const shape = `${data.sampleRate}/${data.numberOfChannels}`;
    if (shape !== configured) {
      configured = shape;
      encoder.configure(opusConfig(data.sampleRate, data.numberOfChannels));
      offsetUs = performance.now() * 1_000 - data.timestamp - data.duration;
    }
    encoder.encode(data);
  }

  const pump = createPump<AudioData>((data) => {
    if (encoder.state !== 'closed') encode(data);
  }, onFault);

  return {
    setSound(sound) {
      configured = '';
      pump.read(isClosed ? null : sound);
    },
    feedback({ holes }) {
      if (holes > 0) holeAtMs = performance.now();
    },
    close() {
      isClosed = true;
      pump.read(null);
      if (encoder.state !== 'closed') encoder.close();
    },
  };
}
