import type { MediaTransport } from '@contract/media.ts';

// What a leg carries, in figures.

export type MediaStats = {
  framesDecoded: number;
  /** Bytes of their picture that have come. */
  pictureBytes: number;
  framesEncoded: number;
  /** W3C webrtc-stats totalAudioEnergy and totalSamplesReceived of what is heard. */
  audioEnergy: number;
  audioSamples: number;
  rttMs: number | null;
  /** RTCPeerConnection.connectionState or its like, or `none` when there is no leg. */
  connectionState: string;
  transport: MediaTransport | null;
  /** Longest silence in their sound in the last 5 s that should have been none, in ms; null where it is not known. */
  soundGapMs: number | null;
  /** What the picture that is sent may take, in bits a second; null where it is not known. */
  pictureBps: number | null;
};

export const NO_MEDIA: MediaStats = {
  framesDecoded: 0,
  pictureBytes: 0,
  framesEncoded: 0,
  audioEnergy: 0,
  audioSamples: 0,
  rttMs: null,
  connectionState: 'none',
  transport: null,
  soundGapMs: null,
  pictureBps: null,
};

export async function readStats(pc: RTCPeerConnection | null): Promise<MediaStats> {
  if (!pc) return NO_MEDIA;
  const stats: MediaStats = { ...NO_MEDIA, connectionState: pc.connectionState, transport: 'webrtc' };
  for (const report of (await pc.getStats()).values()) {
    if (report.type === 'inbound-rtp' && report.kind === 'video') stats.framesDecoded += report.framesDecoded ?? 0;
    if (report.type === 'inbound-rtp' && report.kind === 'video') stats.pictureBytes += report.bytesReceived ?? 0;
    if (report.type === 'outbound-rtp' && report.kind === 'video') stats.framesEncoded += report.framesEncoded ?? 0;
    if (report.type === 'inbound-rtp' && report.kind === 'audio') {
      stats.audioEnergy += report.totalAudioEnergy ?? 0;
      stats.audioSamples += report.totalSamplesReceived ?? 0;
    }
    if (report.type === 'candidate-pair' && report.nominated && typeof report.currentRoundTripTime === 'number')
      stats.rttMs = report.currentRoundTripTime * 1000;
  }
  return stats;
}
