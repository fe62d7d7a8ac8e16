import { VIDEO_CODEC } from './session/codec.ts';

/** What this page needs to take media over WebTransport; browsers have them one by one. */
const NEEDED = [
  'Worker',
  'WebTransport',
  'VideoEncoder',
  'VideoDecoder',
  'AudioEncoder',
  'AudioDecoder',
  'AudioWorkletNode',
  'MediaStreamTrackProcessor',
  'MediaStreamTrackGenerator',
] as const;

let answer: Promise<boolean> | null = null;

/** Whether the browser has what media over WebTransport takes, encoders included. Asked of it once. */
export function isAbleToSession(): Promise<boolean> {
  answer ??= ask().catch(() => false);
  return answer;
}

async function ask(): Promise<boolean> {
  if (!NEEDED.every((name) => name in globalThis)) return false;
  const size = { width: 1_280, height: 720 };
  const supports = await Promise.all([
    VideoEncoder.isConfigSupported({ codec: VIDEO_CODEC, ...size, latencyMode: 'realtime' }),
    AudioEncoder.isConfigSupported({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 }),
  ]);
  return supports.every(({ supported }) => supported === true);
}
