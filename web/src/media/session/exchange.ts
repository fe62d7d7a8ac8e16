import type { Feedback } from '@contract/catalog-feedback.ts';
import type { PageRequest } from '@contract/hub.ts';
import { REPORT_MS } from '@contract/limits.ts';
import { FEEDBACK_MS, TRACKS, type TrackName } from '@contract/media-tracks.ts';
import { Connection, Path, type Track } from '@moq/net';
import type { ProbeOrder } from '~/connection-tests';
import type { MediaStats } from '../stats.ts';
import { type AudioReceiver, createAudioReceiver } from './audio-receiver.ts';
import type { MediaEnds, SessionAddress } from './media-ends.ts';
import { sendBurst } from './probe.ts';
import type { Publisher } from './publisher.ts';
import { createVideoReceiver, type VideoReceiver } from './video-receiver.ts';

/** What comes from the other page over one session, and word of both directions. */
export type Exchange = {
  /** From the audio thread to the ear, in ms. */
  soundLatency(ms: number): void;
  probe(order: ProbeOrder): Promise<void>;
  stats(): Promise<MediaStats>;
  close(): void;
};

type ExchangeEvents = {
  /** For the appliance, over the hub. */
  tell(message: PageRequest): void;
  /** Media cannot go on over this session. */
  fault(error: Error): void;
};

const decoder = new TextDecoder();

export async function openExchange(
  transport: WebTransport,
  address: SessionAddress,
  ends: MediaEnds,
  publisher: Publisher,
  { tell, fault }: ExchangeEvents,
): Promise<Exchange> {
  const connection = await Connection.connect(new URL(address.url), { transport });
  const { video } = publisher;
  connection.publish(Path.from(address.side), publisher.broadcast);

  const theirs = connection.consume(Path.from(address.side === 'client' ? 'model' : 'client'));
  const read = (name: TrackName) =>
    theirs.track(name).subscribe({ priority: TRACKS[name].priority, latencyMax: TRACKS[name].latencyMaxMs });
  const sound = createAudioReceiver(read('audio'), ends.sound, ends.soundLatencyMs);
  const picture = createVideoReceiver(read('video'), ends.picture, sound.delayMs, fault);

  listen(read('feedback'), publisher).catch(() => {}); // ends with the session, which says so itself

  const feedbackTimer = sayFeedback(publisher, picture, sound);
  const reportTimer = setInterval(async () => {
    const rttMs = await roundTripMs(transport);
    tell({ type: 'media.report', legId: address.legId, rttMs, sent: video.picture(), received: picture.picture() });
  }, REPORT_MS);

  return {
    soundLatency: sound.soundLatency,
    async probe(order) {
      const rttMs = (await roundTripMs(transport)) ?? order.rttMs;
      const done = await sendBurst(transport, order, rttMs);
      tell({ type: 'media.probed', ...done, rttMs });
    },
    async stats() {
      const heard = sound.report();
      return {
        framesDecoded: picture.framesDecoded,
        pictureBytes: picture.bytes,
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
      picture.close();
      sound.close();
      connection.close();
    },
  };
}

/** What the other page says of how this page's media gets there. */
async function listen(feedback: Track.Subscriber, { video, audio }: Publisher) {
  for (;;) {
    const group = await feedback.recvGroup();
    if (!group) return;
    const frame = await group.readFrame().catch(() => undefined);
    group.close();
    // The appliance has checked it and written it anew.
    if (!frame) continue;
    const word = JSON.parse(decoder.decode(frame.payload)) as Feedback;
    video.feedback(word);
    audio.feedback(word);
  }
}

/** Says in turn how theirs gets here. @returns the timer */
function sayFeedback(
  publisher: Publisher,
  picture: VideoReceiver,
  sound: AudioReceiver,
): ReturnType<typeof setInterval> {
  let bytesBefore = 0;
  let saidMs = performance.now();
  return setInterval(() => {
    const nowMs = performance.now();
    const bytes = picture.bytes + sound.bytes;
    const kbps = Math.round(((bytes - bytesBefore) * 8) / Math.max(1, nowMs - saidMs));
    const queueMs = picture.queueMs();
    bytesBefore = bytes;
    saidMs = nowMs;
    publisher.say({
      wantsPicture: picture.wantsPicture,
      queueMs: queueMs === null ? null : Math.round(queueMs),
      holes: sound.holes(),
      kbps,
    });
  }, FEEDBACK_MS);
}

/** Where the browser tells it, in ms. */
async function roundTripMs(transport: WebTransport): Promise<number | null> {
  const rtt = await transport.getStats?.().then(
    ({ smoothedRtt }) => smoothedRtt,
    () => null,
  );
  return rtt ? Math.round(rtt) : null;
}
