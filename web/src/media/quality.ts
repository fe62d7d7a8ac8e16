import { createJudge, type Judge, LEVELS, type Level, type Sending } from './picture-level.ts';

// Fits camera and bitrate of a leg to what its link carries.

async function readSending(pc: RTCPeerConnection): Promise<Sending | null> {
  let availableBps: number | null = null;
  let sending: Sending | null = null;
  for (const report of (await pc.getStats()).values()) {
    if (report.type === 'candidate-pair' && report.nominated) availableBps = report.availableOutgoingBitrate ?? null;
    if (report.type === 'outbound-rtp' && report.kind === 'video' && report.framesPerSecond !== undefined) {
      const { framesPerSecond, qualityLimitationReason } = report;
      sending = { availableBps: null, framesPerSecond, qualityLimitationReason: qualityLimitationReason ?? 'none' };
    }
  }
  return sending && { ...sending, availableBps };
}

/** People move: keep the frames coming and let sharpness give way. */
export async function limitVideo(sender: RTCRtpSender, level: Level): Promise<void> {
  const parameters = sender.getParameters();
  parameters.degradationPreference = 'maintain-framerate';
  for (const encoding of parameters.encodings ?? []) encoding.maxBitrate = LEVELS[level].bitrateMax;
  await sender.setParameters(parameters).catch((error) => console.warn('video parameters:', error.name));
}

/** Looks at what a leg sends from time to time, and fits camera and bitrate to it. Returns what stops it. */
export function keepQuality(pc: RTCPeerConnection, everyMs: number): () => void {
  let judge: Judge | null = null;
  let level: Level = '720p';
  const timer = setInterval(async () => {
    const sender = pc.getSenders().find(({ track }) => track?.kind === 'video' && track.enabled);
    const track = sender?.track;
    const sending = pc.connectionState === 'connected' && track ? await readSending(pc) : null;
    if (!sender || !track || !sending) return;
    // Not every browser tells what the camera can give; without that it stays as it is.
    judge ??= createJudge(track.getCapabilities?.().height?.max ?? 0);
    const next = judge.look(sending);
    if (next === level) return;
    level = next;
    const { width, height } = LEVELS[level];
    await track
      .applyConstraints({ width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } })
      .catch(() => {});
    await limitVideo(sender, level);
  }, everyMs);
  return () => clearInterval(timer);
}
