/** Frames of one source at a time: read until another takes its place, each closed once it was taken. */
type Pump<Frame> = {
  /** In place of any source before; null: none. */
  read(frames: ReadableStream<Frame> | null): void;
  readonly isReading: boolean;
};

/** @param onFault the source, or what takes its frames, has failed */
export function createPump<Frame extends { close(): void }>(
  take: (frame: Frame) => void,
  onFault: (error: Error) => void,
): Pump<Frame> {
  let reader: ReadableStreamDefaultReader<Frame> | null = null;

  async function run(mine: ReadableStreamDefaultReader<Frame>) {
    for (;;) {
      const { value: frame, done } = await mine.read();
      if (done || reader !== mine) {
        frame?.close();
        return;
      }
      try {
        take(frame);
      } finally {
        frame.close();
      }
    }
  }

  return {
    get isReading() {
      return reader !== null;
    },
    read(frames) {
      void reader?.cancel().catch(() => {});
      reader = frames?.getReader() ?? null;
      if (reader) run(reader).catch(onFault);
    },
  };
}
