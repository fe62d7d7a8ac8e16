import type { HubMessage, PageRequest } from '@contract/hub.ts';
import { REPORT_MS } from '@contract/limits.ts';
import { FEEDBACK_MS, TRACK_TIMESCALE, TRACKS, type TrackName } from '@contract/media-tracks.ts';
import type { Catalog, Feedback } from '@contract/media-words.ts';
import { Broadcast, Connection, Path, Time } from '@moq/net';
import type { Hub } from '~/hub';
import type { MediaStats } from '../measure.ts';
import { createAudioReceiver } from './audioReceiver.ts';
import { createAudioSender } from './audioSender.ts';
import { sendBurst } from './probe.ts';
import { createVideoReceiver } from './videoReceiver.ts';
import { createVideoSender, VIDEO_CODEC } from './videoSender.ts';

type Door = Extract<HubMessage, { type: 'media.session' }>;
type ProbeOrder = Extract<HubMessage, { type: 'media.probe' }>;

/** What goes to and comes from the other page over one session. */
export type Exchange = {
  readonly remote: MediaStream;
  send(stream: MediaStream | null): void;
  probe(order: ProbeOrder): Promise<void>;
  stats(): Promise<MediaStats>;
  close(): void;
};

const SAMPLE_RATE = 48_000;
/** Every page decodes into so many, whatever was sent. */
const CHANNELS = 2;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param onFault media cannot go on over this session */
export async function openExchange(
  hub: Hub,
  transport: WebTransport,
  url: URL,
  door: Door,
  onFault: (error: Error) => void,
): Promise<Exchange> {
  const connection = await Connection.connect(url, { transport });
  const broadcast = new Broadcast.Producer();
  const make = (name: TrackName) =>
    broadcast.createTrack(name, {
      timescale: Time.Timescale(TRACK_TIMESCALE),
      priority: TRACKS[name].priority,
      latencyMax: TRACKS[name].latencyMaxMs,
    });
  const out = { catalog: make('catalog'), feedback: make('feedback') };
  const video = createVideoSender(make('video'), onFault);
  const audio = createAudioSender(make('audio'), onFault);
  connection.publish(Path.from(door.side), broadcast);

  const theirs = connection.consume(Path.from(door.side === 'client' ? 'model' : 'client'));
  const read = (name: TrackName) =>
    theirs.track(name).subscribe({ priority: TRACKS[name].priority, latencyMax: TRACKS[name].latencyMaxMs });
  const sound = createAudioReceiver(read('audio'), () => CHANNELS, onFault);
  const picture = createVideoReceiver(read('video'), sound.delayMs, onFault);
  const remote = new MediaStream([picture.track, sound.track]);

  const say = (name: 'catalog' | 'feedback', word: Catalog | Feedback) =>
    out[name].writeFrame({ payload: encoder.encode(JSON.stringify(word)), timestamp: Time.Timestamp.now() });
  const tell = (message: PageRequest) => {
    hub.request(message).catch(() => {}); // said again by the next; a leg that is gone needs no word
  };

  async function listen() {
    const words = read('feedback');
    for (;;) {
      const group = await words.recvGroup();
      if (!group) return;
      const frame = await group.readFrame().catch(() => undefined);
      group.close();
      // The appliance has checked it and written it anew.
      if (frame) video.feedback(JSON.parse(decoder.decode(frame.payload)) as Feedback);
    }
  }
  listen().catch(() => {}); // ends with the session, which says so itself

  let bytesBefore = 0;
  let saidMs = performance.now();
  const feedbackTimer = setInterval(() => {
    const nowMs = performance.now();
    const bytes = picture.bytes + sound.bytes;
    const kbps = Math.round(((bytes - bytesBefore) * 8) / Math.max(1, nowMs - saidMs));
    const queueMs = picture.queueMs();
    bytesBefore = bytes;
    saidMs = nowMs;
    say('feedback', {
      wantsPicture: picture.wantsPicture,
      queueMs: queueMs === null ? null : Math.round(queueMs),
      kbps,
    });
  }, FEEDBACK_MS);
  const reportTimer = setInterval(async () => {
    const rttMs = await roundTripMs(transport);
    tell({ type: 'media.report', legId: door.legId, rttMs, sent: video.picture(), received: picture.picture() });
  }, REPORT_MS);

  return {
    remote,
    send(stream) {
      say('catalog', {
        audio: { codec: 'opus', sampleRate: SAMPLE_RATE, numberOfChannels: 1 },
        video: { codec: VIDEO_CODEC },
      });
      video.setTrack(stream?.getVideoTracks()[0] ?? null);
      audio.setTrack(stream?.getAudioTracks()[0] ?? null);
    },
    async probe(order) {
      const rttMs = (await roundTripMs(transport)) ?? order.rttMs;
      const done = await sendBurst(transport, order, rttMs);
      tell({ type: 'media.probed', ...done, rttMs });
    },
    async stats() {
      const heard = sound.report();
      return {
        framesDecoded: picture.framesDecoded,
        framesEncoded: video.framesEncoded,
        audioEnergy: heard?.energy ?? 0,
        audioSamples: heard?.samples ?? 0,
        rttMs: await roundTripMs(transport),
        connectionState: 'connected',
        transport: 'webtransport',
        soundGapMs: heard?.gapMs ?? 0,
        pictureBps: video.bps,
      };
    },
    close() {
      clearInterval(feedbackTimer);
      clearInterval(reportTimer);
      video.close();
      audio.close();
      picture.close();
      sound.close();
      broadcast.close();
      connection.close();
    },
  };
}

/** Where the browser tells it, in ms. */
async function roundTripMs(transport: WebTransport): Promise<number | null> {
  const rtt = await transport.getStats?.().then(
    ({ smoothedRtt }) => smoothedRtt,
    () => null,
  );
  return rtt ? Math.round(rtt) : null;
}
