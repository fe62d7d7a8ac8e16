import type { CallView } from '@contract/calls.ts';
import type { RelayTest, UplinkTest } from './linkTest.ts';

// The page's measuring door, for tests, the demo and benches: `window.parlour`. It changes nothing, and nothing
// in the page depends on it.

export type MediaStats = {
  framesDecoded: number;
  framesEncoded: number;
  /** W3C webrtc-stats totalAudioEnergy and totalSamplesReceived of what is heard. */
  audioEnergy: number;
  audioSamples: number;
  rttMs: number | null;
  /** RTCPeerConnection.connectionState, or `none` when there is no leg. */
  connectionState: string;
};

declare global {
  interface Window {
    parlour?: {
      stats(): Promise<MediaStats>;
      callView(): CallView | null;
      testUplink(): Promise<UplinkTest>;
      testRelay(): Promise<RelayTest>;
    };
  }
}

export async function readStats(pc: RTCPeerConnection | null): Promise<MediaStats> {
  const stats: MediaStats = {
    framesDecoded: 0,
    framesEncoded: 0,
    audioEnergy: 0,
    audioSamples: 0,
    rttMs: null,
    connectionState: pc?.connectionState ?? 'none',
  };
  if (!pc) return stats;
  for (const report of (await pc.getStats()).values()) {
    if (report.type === 'inbound-rtp' && report.kind === 'video') stats.framesDecoded += report.framesDecoded ?? 0;
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
