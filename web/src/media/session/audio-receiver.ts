import type { Track } from '@moq/net';
import { Holes } from './holes.ts';
import { PacketOrder } from './packet-order.ts';
import type { PlayoutReport, Sound } from './playout.worklet.ts';
import { readRed, type SoundPacket } from './red.ts';

const SAMPLE_RATE = 48_000;
/** Sound is decoded into so many channels, whatever was sent. */
const CHANNELS = 2;
const DECODE_MS = 15;

export type AudioReceiver = {
  readonly bytes: number;
  /** How long after its capture (on the sender's clock, as it seems here) sound is heard; null when none is. */
  delayMs(): number | null;
  soundLatency(ms: number): void;
  /** Packets that were not there in their turn since it was asked last. */
  holes(): number;
  report(): PlayoutReport | null;
  close(): void;
};

/** Decodes packets and hands what comes of them to the audio thread. */
function createSoundDecoder(loudspeaker: MessagePort) {
  /** Capture times of what the decoder has: it counts its own from the first on, also past what was lost. */
  const decodingUs: number[] = [];
  let isClosed = false;
  let decoder = makeDecoder();

  function makeDecoder(): AudioDecoder {
    decodingUs.length = 0;
    const made = new AudioDecoder({
      output: play,
      error: () => {
        if (!isClosed && decoder === made) decoder = makeDecoder(); // a broken packet; the next one is whole
      },
    });
    made.configure({ codec: 'opus', sampleRate: SAMPLE_RATE, numberOfChannels: CHANNELS });
    return made;
  }

  function play(data: AudioData) {
    const channels = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
      const channel = new Float32Array(data.numberOfFrames);
      data.copyTo(channel, { planeIndex, format: 'f32-planar' });
      return channel;
    });
    const sound: Sound = { channels, capturedUs: decodingUs.shift() ?? data.timestamp };
    data.close();
    loudspeaker.postMessage(
      sound,
      channels.map(({ buffer }) => buffer),
    );
  }

  function decode({ capturedUs, payload }: SoundPacket) {
    const data = payload as Uint8Array<ArrayBuffer>;
    if (decoder.state !== 'configured') return;
    decodingUs.push(capturedUs);
    decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: capturedUs, data }));
  }

  return {
    decode,
    close() {
      isClosed = true;
      if (decoder.state !== 'closed') decoder.close();
    },
  };
}

/**
 * @param loudspeaker to the audio thread
 * @param latencyMs from there to the ear
 */
export function createAudioReceiver(
  source: Track.Subscriber,
  loudspeaker: MessagePort,
  latencyMs: number,
): AudioReceiver {
  let report: PlayoutReport | null = null;
  let reportedMs = 0;
  let bytes = 0;
  let isClosed = false;
  loudspeaker.onmessage = ({ data }: MessageEvent<PlayoutReport>) => {
    report = data;
    reportedMs = performance.now();
  };

  /** How long sound goes on without anything new, less what the decoder takes. */
  const spareMs = () => Math.max(0, (report?.bufferedMs ?? 0) - (performance.now() - reportedMs) - DECODE_MS);

  const holes = new Holes();
  const order = new PacketOrder<SoundPacket>();
  const decoder = createSoundDecoder(loudspeaker);

  function take({ sequence, payload, timestamp }: Track.Datagram) {
    bytes += payload.byteLength;
    holes.take(sequence);
    const packets = readRed(payload, Math.round(timestamp.asMicros()));
    // Those before first: what was missing is there, and nothing is left out for it.
    packets.forEach((packet, i) => {
      const number = sequence - (packets.length - 1 - i);
      if (number < 0) return;
      for (const next of order.take(number, packet, performance.now(), spareMs())) decoder.decode(next);
    });
  }

  async function run() {
    for (let datagram = await source.recvDatagram(); datagram; datagram = await source.recvDatagram()) {
      if (isClosed) return;
      take(datagram);
    }
  }
  run().catch(() => {}); // ends with the session, which says so itself

  return {
    get bytes() {
      return bytes;
    },
    delayMs() {
      if (!report || report.capturedUs === null || report.bufferedMs <= 0) return null;
      return reportedMs + latencyMs - report.capturedUs / 1_000;
    },
    soundLatency(ms) {
      latencyMs = ms;
    },
    holes: () => holes.read(),
    report: () => report,
    close() {
      isClosed = true;
      source.close();
      decoder.close();
      loudspeaker.postMessage(null);
      loudspeaker.close();
    },
  };
}
