import type { HubMessage, PageRequest } from '@contract/hub.ts';
import { proxy, type Remote, transfer, wrap } from 'comlink';
import { createSignal } from 'solid-js';
import { withVisibility } from '~/connection-tests';
import type { Hub } from '~/hub';
import { type MediaStats, NO_MEDIA } from '../stats.ts';
import type { LegState, SessionLeg } from '../transport-leg.ts';
import { createLoudspeaker, type Loudspeaker, type PageEnds } from './page-ends.ts';
import type { SessionEvents, SessionHost } from './session-host.ts';

type SessionOffer = Extract<HubMessage, { type: 'media.session' }>;

const WHY_LENGTH_MAX = 200;
/** Headphones are taken off in the middle of a call. */
const LATENCY_MS = 1_000;
/** Frames and pieces of 10 ms that may wait while the session's thread is busy: more are lost. */
const FRAMES_WAITING_MAX = 2;
const SOUNDS_WAITING_MAX = 50;

/** Chromium tries one address of a name only, and of localhost that of IPv6, where nobody may listen. */
const sessionHostName = (name: string) => (name === 'localhost' ? '127.0.0.1' : name);

/** A session that there is, or that is being opened, and what is sent over it. */
type Current = {
  readonly legId: number;
  readonly ends: PageEnds;
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
};

/** The session's own thread, and the audio thread. */
type Threads = { readonly host: Remote<SessionHost>; readonly loudspeaker: Loudspeaker; end(): void };

const ignore = () => {}; // of a thread that has ended meanwhile

/** @param fail ends the session that there is */
function startThreads(current: () => Current | null, fail: (legId: number, why: string) => void): Threads {
  const fault = (why: string) => {
    const session = current();
    if (session) fail(session.legId, why);
  };

  const thread = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'media' });
  const host = wrap<SessionHost>(thread);
  thread.onerror = ({ message }) => fault(message);
  const loudspeaker = createLoudspeaker((error) => fault(error.message));
  const timer = setInterval(() => current() && host.soundLatency(loudspeaker.latencyMs).catch(ignore), LATENCY_MS);
  const end = () => {
    clearInterval(timer);
    loudspeaker.close();
    // The word of the session's end goes out first.
    void host.close().finally(() => thread.terminate());
  };
  return { host, loudspeaker, end };
}

/** Sends what has changed of camera and microphone. */
function sendTracks(host: Remote<SessionHost>, current: Current, local: MediaStream | null): void {
  const [camera = null] = local?.getVideoTracks() ?? [];
  const [microphone = null] = local?.getAudioTracks() ?? [];
  if (camera !== current.camera) {
    const frames = camera && readable<VideoFrame>(camera, FRAMES_WAITING_MAX);
    host.sendPicture(frames && transfer(frames, [frames])).catch(ignore);
  }
  if (microphone !== current.microphone) {
    const sounds = microphone && readable<AudioData>(microphone, SOUNDS_WAITING_MAX);
    host.sendSound(sounds && transfer(sounds, [sounds])).catch(ignore);
  }
  Object.assign(current, { camera, microphone });
}

const report = (hub: Hub, message: PageRequest) => void hub.request(withVisibility(message)).catch(ignore); // said again by the next

function reportFailure(hub: Hub, legId: number, why: string): void {
  const message = { type: 'media.failed', legId, why: why.slice(0, WHY_LENGTH_MAX) || 'failed' } as const;
  hub.request(message).catch(ignore); // the leg is gone already, or the socket is and everything is made anew
}

/** Opens a session at the address that the appliance names. */
function openSession(
  hub: Hub,
  { host, loudspeaker }: Threads,
  { legId, side, hashes, port, path }: SessionOffer,
  on: { up(remote: MediaStream): void; failed(why: string): void },
): Current {
  const ends = loudspeaker.openEnds();
  const url = `https://${sessionHostName(location.hostname)}:${port}${path}`;
  const { picture, sound } = ends;
  const events: SessionEvents = {
    up: () => on.up(ends.remote),
    failed: on.failed,
    tell: (message) => report(hub, message),
  };
  const given = transfer({ picture, sound, soundLatencyMs: loudspeaker.latencyMs }, [picture, sound]);
  host.open({ legId, side, hashes, url }, given, proxy(events)).catch((error: Error) => on.failed(error.message));
  return { legId, ends, camera: null, microphone: null };
}

async function readStats(threads: Threads | null, current: Current | null, state: LegState): Promise<MediaStats> {
  const stats = current && (await threads?.host.stats());
  return stats ?? { ...NO_MEDIA, connectionState: state, transport: 'webtransport' };
}

/** Media over one WebTransport session at a time, at the address that the appliance names. */
export function createSessionLeg(hub: Hub): SessionLeg {
  const [remote, setRemote] = createSignal<MediaStream | null>(null);
  const [state, setState] = createSignal<LegState>('none');
  let threads: Threads | null = null;
  let current: Current | null = null;
  let local: MediaStream | null = null;

  const start = () => startThreads(() => current, fail);

  function closeSession() {
    if (!current) return;
    const { ends } = current;
    current = null;
    setState('closed');
    void threads?.host.close().catch(ignore);
    ends.close();
  }
  // A page that goes says so: else the appliance would take it for a broken line.
  addEventListener('pagehide', closeSession);

  function fail(legId: number, why: string) {
    if (current?.legId !== legId) return;
    closeSession();
    reportFailure(hub, legId, why);
  }

  function open(offer: SessionOffer) {
    closeSession();
    threads ??= start();
    setState('connecting');
    current = openSession(hub, threads, offer, {
      up(remote) {
        if (current?.legId !== offer.legId) return;
        setRemote(remote);
        setState('up');
      },
      failed: (why) => fail(offer.legId, why),
    });
    send();
  }

  const send = () => threads && current && sendTracks(threads.host, current, local);

  return {
    remote,
    state,
    legId: () => current?.legId ?? 0,
    prepare() {
      threads ??= start();
    },
    receive(message) {
      if (message.type === 'media.session') return open(message);
      if (!('legId' in message) || message.legId !== current?.legId) return;
      if (message.type === 'media.probe') void threads?.host.probe(message).catch(ignore);
      if (message.type === 'media.closed') closeSession();
    },
    setLocal(stream) {
      local = stream;
      send();
    },
    stats: () => readStats(threads, current, state()),
    close() {
      closeSession();
      threads?.end();
      threads = null;
      setRemote(null);
      setState('none');
    },
  };
}

const readable = <Frame extends VideoFrame | AudioData>(track: MediaStreamTrack, maxBufferSize: number) =>
  new MediaStreamTrackProcessor<Frame>({ track, maxBufferSize }).readable;
