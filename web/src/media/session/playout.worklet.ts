// Runs in the audio thread: keeps what was decoded until it is heard. See playout.ts.
import { Playout } from './playout.ts';

/** Decoded sound; null when no more comes. `channels` are of one length; `capturedUs` is its first sample's time. */
export type Sound = { readonly channels: Float32Array[]; readonly capturedUs: number };
/** To whoever sends the sound, several times a second. */
export type PlayoutReport = {
  /** Capture time of the sample that is heard next; null before the first. */
  readonly capturedUs: number | null;
  readonly bufferedMs: number;
  /** Longest silence of the last seconds that should have been none. */
  readonly gapMs: number;
  /** Sum of squares over time in seconds, and samples: W3C webrtc-stats totalAudioEnergy. */
  readonly energy: number;
  readonly samples: number;
};

// The scope of an AudioWorklet, which the DOM library leaves out.
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

const REPORT_S = 0.05;
/** More is never kept. */
const BUFFERED_S_MAX = 2;

class PlayoutProcessor extends AudioWorkletProcessor {
  readonly #playout = new Playout();
  /** Where sound comes from; it is told how it goes. */
  #source: MessagePort | null = null;
  #isOver = false;
  #sounds: Sound[] = [];
  /** In the first of them, in samples; a fraction while it is stretched. */
  #at = 0;
  #buffered = 0;
  #last = 0;
  #energy = 0;
  #samples = 0;
  #sinceReport = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => {
      this.#source = data;
      data.onmessage = ({ data }: MessageEvent<Sound | null>) => this.#take(data);
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0] ?? [];
    const length = out[0]?.length ?? 0;
    const ms = (samples: number) => (samples * 1_000) / sampleRate;
    const { speed, dropMs } = this.#playout.next(ms(this.#buffered - this.#at), ms(length));
    this.#skip((dropMs * sampleRate) / 1_000);
    for (let i = 0; i < length; i++) this.#play(out, i, speed);
    this.#sinceReport += length;
    if (this.#sinceReport > REPORT_S * sampleRate) this.#report();
    return !this.#isOver;
  }

  #take(sound: Sound | null): void {
    if (!sound) {
      this.#isOver = true;
      return;
    }
    this.#sounds.push(sound);
    this.#buffered += sound.channels[0]?.length ?? 0;
    while (this.#buffered - this.#at > BUFFERED_S_MAX * sampleRate) this.#leaveOutFirst();
  }

  #play(out: Float32Array[], i: number, speed: number): void {
    const first = this.#sounds[0];
    if (speed === 0 || !first) {
      // What was heard last dies away instead of breaking off.
      this.#last *= 0.98;
      for (const channel of out) channel[i] = this.#last;
      return;
    }
    const whole = Math.floor(this.#at);
    const part = this.#at - whole;
    for (let c = 0; c < out.length; c++) {
      const channel = first.channels[Math.min(c, first.channels.length - 1)] as Float32Array;
      const now = channel[whole] ?? 0;
      const sample = now + ((channel[whole + 1] ?? now) - now) * part;
      (out[c] as Float32Array)[i] = sample;
      if (c === 0) {
        this.#last = sample;
        this.#energy += (sample * sample) / sampleRate;
      }
    }
    this.#samples += 1;
    this.#at += speed;
    if (this.#at >= (first.channels[0]?.length ?? 0)) this.#leaveOutFirst();
  }

  #skip(samples: number): void {
    this.#at += samples;
    while (this.#sounds[0] && this.#at >= (this.#sounds[0].channels[0]?.length ?? 0)) this.#leaveOutFirst();
  }

  #leaveOutFirst(): void {
    const length = this.#sounds.shift()?.channels[0]?.length ?? 0;
    this.#buffered -= length;
    this.#at = this.#sounds.length === 0 ? 0 : Math.max(0, this.#at - length);
  }

  #report(): void {
    this.#sinceReport = 0;
    const first = this.#sounds[0];
    const report: PlayoutReport = {
      capturedUs: first ? first.capturedUs + (this.#at * 1e6) / sampleRate : null,
      bufferedMs: ((this.#buffered - this.#at) * 1_000) / sampleRate,
      gapMs: this.#playout.gapMs,
      energy: this.#energy,
      samples: this.#samples,
    };
    this.#source?.postMessage(report);
  }
}

registerProcessor('playout', PlayoutProcessor);
