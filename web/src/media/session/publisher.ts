import type { Catalog, Feedback } from '@contract/catalog-feedback.ts';
import { TRACK_TIMESCALE, TRACKS, type TrackName } from '@contract/media-tracks.ts';
import { Broadcast, Time } from '@moq/net';
import { type AudioSender, createAudioSender } from './audio-sender.ts';
import { VIDEO_CODEC } from './codec.ts';
import type { PictureEncoder } from './picture-encoder.ts';
import { createVideoSender, type VideoSender } from './video-sender.ts';

/** What this page sends, whether or not there is a session yet: the first picture is ready when it opens. */
export type Publisher = {
  readonly broadcast: Broadcast.Producer;
  readonly video: VideoSender;
  readonly audio: AudioSender;
  /** To the other page: how what it sends gets here. */
  say(word: Feedback): void;
  close(): void;
};

const SAMPLE_RATE = 48_000;

const encoder = new TextEncoder();

/** @param onFault an encoder that cannot be had or that failed */
export function createPublisher(pictures: PictureEncoder, onFault: (error: Error) => void): Publisher {
  const broadcast = new Broadcast.Producer();
  const make = (name: TrackName) =>
    broadcast.createTrack(name, {
      timescale: Time.Timescale(TRACK_TIMESCALE),
      priority: TRACKS[name].priority,
      latencyMax: TRACKS[name].latencyMaxMs,
    });
  const words = { catalog: make('catalog'), feedback: make('feedback') };
  const video = createVideoSender(make('video'), pictures, onFault);
  const audio = createAudioSender(make('audio'), onFault);
  const write = (name: 'catalog' | 'feedback', word: Catalog | Feedback) =>
    words[name].writeFrame({ payload: encoder.encode(JSON.stringify(word)), timestamp: Time.Timestamp.now() });

  write('catalog', {
    audio: { codec: 'opus/red', sampleRate: SAMPLE_RATE, numberOfChannels: 1 },
    video: { codec: VIDEO_CODEC },
  });

  return {
    broadcast,
    video,
    audio,
    say: (word) => write('feedback', word),
    close() {
      video.close();
      audio.close();
      broadcast.close();
    },
  };
}
