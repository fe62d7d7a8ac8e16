import type { ProbeEvidence, ProbeVerdict } from '@contract/connection.ts';
import type { HubMessage } from '@contract/hub.ts';
import type { Hub } from '~/hub';
import { openProbeLeg, type ProbeLeg } from './probe-leg.ts';

// A test of this page's link to the appliance, outside of any call.

export type UplinkTest = {
  /** Two of three conclusive bursts; `inconclusive` when this page or the path could not tell. */
  verdict: ProbeVerdict;
  /** What came through, on the wire; 0 when nothing was conclusive. */
  kbps: number;
  rttMs: number | null;
  /** Of the bursts' packets; a link that is full loses some. */
  lossPct: number;
  samples: ProbeEvidence[];
};

export type RelayTest = UplinkTest & {
  /** `none`: no TURN server is set up. `failed`: there is one, and media does not get through it. */
  relay: 'works' | 'failed' | 'none';
};

type Result = Extract<HubMessage, { type: 'connection.result' }>;

/** The appliance ends a test after 25 s and the last burst; after that its word was lost. */
const TEST_MS_MAX = 45_000;
const OPEN_MS_MAX = 5_000;
/** A small moving picture: its packets show whether a queue builds up under the load. */
const PICTURE = { width: 320, height: 180, framesPerSecond: 30 };

/**
 * Measures the uplink with bursts at a little more than what a call needs. Takes 2 to 25 seconds.
 * Rejects with UserFacing when the appliance refuses or cannot be reached, with AbortError when stopped.
 */
export async function testUplink(hub: Hub, signal?: AbortSignal): Promise<UplinkTest> {
  const { type: _, ...figures } = (await runTest(hub, false, signal)).result;
  return figures;
}

/** Whether media gets through a TURN server from where this page is. Rejects as testUplink does. */
export async function testRelay(hub: Hub, signal?: AbortSignal): Promise<RelayTest> {
  const { result, hasRelay } = await runTest(hub, true, signal);
  const { type: _, ...figures } = result;
  const isThrough = figures.samples.some(({ receivedPackets }) => receivedPackets > 0);
  return { ...figures, relay: !hasRelay ? 'none' : isThrough ? 'works' : 'failed' };
}

async function runTest(hub: Hub, isRelayOnly: boolean, signal?: AbortSignal) {
  const picture = movingPicture();
  const open: { leg: ProbeLeg | null } = { leg: null };
  let hasRelay = false;
  let stop = () => {};
  const ended = new Promise<Result>((resolve, reject) => {
    const stopped = () => reject(new DOMException('The test was stopped.', 'AbortError'));
    const timer = setTimeout(() => reject(new DOMException('The test did not end.', 'TimeoutError')), TEST_MS_MAX);
    signal?.addEventListener('abort', stopped);
    const stopListening = hub.listen((message) => {
      if (message.type === 'connection.result') return resolve(message);
      if (message.type !== 'connection.offer') return open.leg?.receive(message);
      if (message.besideLegId !== null) return;
      hasRelay = message.iceServers.some(({ urls }) => urls.some((url) => url.startsWith('turn')));
      open.leg?.close();
      open.leg = openProbeLeg(hub, message, { isRelayOnly, track: picture.track });
    });
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stopped);
      stopListening();
    };
  });
  ended.catch(() => {}); // when the request itself is refused, nobody waits for it
  try {
    await openSoon(hub);
    await hub.request({ type: 'connection.test', isRelayOnly });
    return { result: await ended, hasRelay };
  } finally {
    stop();
    open.leg?.close();
    picture.stop();
  }
}

/** A page that has just been loaded connects in a moment; after that the request says what is wrong. */
async function openSoon(hub: Hub): Promise<void> {
  for (let leftMs = OPEN_MS_MAX; leftMs > 0 && hub.state() !== 'open'; leftMs -= 100)
    await new Promise((resolve) => setTimeout(resolve, 100));
}

/** A track that needs no camera: noise, so that there is something to send. */
function movingPicture(): { track: MediaStreamTrack; stop(): void } {
  const canvas = document.createElement('canvas');
  canvas.width = PICTURE.width;
  canvas.height = PICTURE.height;
  const context = canvas.getContext('2d');
  const track = canvas.captureStream(PICTURE.framesPerSecond).getVideoTracks()[0] as MediaStreamTrack;
  const timer = setInterval(() => {
    if (!context) return;
    for (let x = 0; x < PICTURE.width; x += 20) {
      context.fillStyle = `hsl(${Math.floor(Math.random() * 360)} 80% 50%)`;
      context.fillRect(x, Math.random() * PICTURE.height, 20, 20);
    }
  }, 1000 / PICTURE.framesPerSecond);
  return {
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}
