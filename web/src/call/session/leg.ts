import type { HubMessage } from '@contract/hub.ts';
import { proxy, type Remote, transfer, wrap } from 'comlink';
import { createSignal } from 'solid-js';
import type { Hub } from '~/hub';
import type { LegState, TransportLeg } from '../leg.ts';
import { NO_MEDIA } from '../measure.ts';
import { withVisibility } from '../visibility.ts';
import { createLoudspeaker, type Loudspeaker, type PageEnds } from './pageEnds.ts';
import type { SessionEvents, SessionHost } from './sessionHost.ts';

export type SessionLeg = TransportLeg & {
  /** Starts the threads that a session takes: a call is about to begin. */
  prepare(): void;
};
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

/** Media over one WebTransport session at a time, at the door that the appliance names. */
export function createSessionLeg(hub: Hub): SessionLeg {
  const [remote, setRemote] = createSignal<MediaStream | null>(null);
  const [state, setState] = createSignal<LegState>('none');
  let threads: Threads | null = null;
  let current: Current | null = null;
  let local: MediaStream | null = null;

  const ignore = () => {}; // of a thread that has ended meanwhile

  function start(): Threads {
    const thread = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'media' });
    const host = wrap<SessionHost>(thread);
    const fault = (why: string) => current && fail(current.legId, why);
    thread.onerror = ({ message }) => fault(message);
    const loudspeaker = createLoudspeaker((error) => fault(error.message));
    const timer = setInterval(() => current && host.soundLatency(loudspeaker.latencyMs).catch(ignore), LATENCY_MS);
    const end = () => {
      clearInterval(timer);
      loudspeaker.close();
      // The word of the session's end goes out first.
      void host.close().finally(() => thread.terminate());
    };
    return { host, loudspeaker, end };
  }

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
    const message = { type: 'media.failed', legId, why: why.slice(0, WHY_LENGTH_MAX) || 'failed' } as const;
    hub.request(message).catch(ignore); // the leg is gone already, or the socket is and everything is made anew
  }

  function open({ legId, side, hashes, port, path }: SessionOffer) {
    closeSession();
    threads ??= start();
    const { host, loudspeaker } = threads;
    const ends = loudspeaker.openEnds();
    current = { legId, ends, camera: null, microphone: null };
    setState('connecting');
    const url = `https://${sessionHostName(location.hostname)}:${port}${path}`;
    const { picture, sound } = ends;
    const events: SessionEvents = {
      up() {
        if (current?.legId !== legId) return;
        setRemote(ends.remote);
        setState('up');
      },
      failed: (why) => fail(legId, why),
      tell: (message) => void hub.request(withVisibility(message)).catch(ignore), // said again by the next
    };
    const given = transfer({ picture, sound, soundLatencyMs: loudspeaker.latencyMs }, [picture, sound]);
    host.open({ legId, side, hashes, url }, given, proxy(events)).catch((error: Error) => fail(legId, error.message));
    send();
  }

  /** What has changed of camera and microphone. */
  function send() {
    if (!threads || !current) return;
    const { host } = threads;
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
    stats: async () =>
      (current && (await threads?.host.stats())) ?? {
        ...NO_MEDIA,
        connectionState: state(),
        transport: 'webtransport',
      },
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
