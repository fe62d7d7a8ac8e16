import playoutUrl from './playout.worklet.ts?worker&url';

// What only the page's own thread can have of a session: tracks, and the audio thread.

const SAMPLE_RATE = 48_000;

/** Where the other's picture and sound become tracks. */
export type PageEnds = {
  readonly remote: MediaStream;
  readonly picture: WritableStream<VideoFrame>;
  readonly sound: MessagePort;
  close(): void;
};

/** The audio thread of a call; it has its code before the first session needs it. */
export type Loudspeaker = {
  /** From the audio thread to the ear, in ms. */
  readonly latencyMs: number;
  openEnds(): PageEnds;
  close(): void;
};

/** @param onFault the browser cannot play sound */
export function createLoudspeaker(onFault: (error: Error) => void): Loudspeaker {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
  const hasCode = context.audioWorklet.addModule(playoutUrl);
  hasCode.catch(onFault);
  // Where a page may not play before somebody has pressed something, it plays from then on.
  const wake = () => void context.resume().catch(() => {});
  wake();
  addEventListener('pointerdown', wake);
  addEventListener('keydown', wake);

  /** What is played comes through the port; what comes before the audio thread has its code waits there. */
  function openSound(destination: AudioNode) {
    const { port1, port2 } = new MessageChannel();
    let node: AudioWorkletNode | null = null;
    let isClosed = false;
    hasCode.then(
      () => {
        if (isClosed) return;
        node = new AudioWorkletNode(context, 'playout', { numberOfInputs: 0, outputChannelCount: [2] });
        node.port.postMessage(port2, [port2]);
        node.connect(destination);
      },
      () => {}, // told already
    );
    const close = () => {
      isClosed = true;
      node?.disconnect();
    };
    return { port: port1, close };
  }

  return {
    get latencyMs() {
      return (context.baseLatency + (context.outputLatency || 0)) * 1_000;
    },
    openEnds() {
      const destination = context.createMediaStreamDestination();
      const generator = new MediaStreamTrackGenerator({ kind: 'video' });
      const sound = openSound(destination);
      return {
        remote: new MediaStream([generator, ...destination.stream.getAudioTracks()]),
        picture: generator.writable,
        sound: sound.port,
        close() {
          generator.stop();
          sound.close();
        },
      };
    },
    close() {
      removeEventListener('pointerdown', wake);
      removeEventListener('keydown', wake);
      void context.close();
    },
  };
}
