import { type Accessor, createSignal, onCleanup } from 'solid-js';
import { voucherIn } from './code.ts';
import { createDetect } from './detector.ts';

/** `asking`: the browser asks the person. `looking`: nothing found yet. `foreign`: a code, but no voucher of a Parlour. */
export type ScanState =
  | 'asking'
  | 'looking'
  | 'foreign'
  | 'found'
  | 'denied'
  | 'noCamera'
  | 'taken'
  | 'insecure'
  | 'failed';

/** Between two looks: a hand holds still for longer, and the page stays quick. */
const LOOK_MS = 120;
/** A foreign code is named for so long after it was last seen. */
const FOREIGN_MS = 1_500;

const PROBLEMS: Readonly<Record<string, ScanState>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'noCamera',
  OverconstrainedError: 'noCamera',
  NotReadableError: 'taken',
  AbortError: 'taken',
};

/** A camera that looks for a voucher's code, from `start` until it has found one or the owner goes away. */
export function createScanner(onFound: (code: string) => void): {
  state: Accessor<ScanState>;
  start(video: HTMLVideoElement): Promise<void>;
} {
  const [state, setState] = createSignal<ScanState>('asking');
  let stream: MediaStream | null = null;
  let timer = 0;
  let isOver = false;

  const stop = () => {
    clearTimeout(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  };
  onCleanup(() => {
    isOver = true;
    stop();
  });

  async function start(video: HTMLVideoElement) {
    stop();
    setState('asking');
    if (!navigator.mediaDevices) return void setState('insecure');
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment', width: { ideal: 1280 } },
      });
      if (isOver) return stop();
      video.srcObject = stream;
      await video.play();
      const detect = await createDetect();
      setState('looking');
      look(video, detect, 0);
    } catch (thrown) {
      stop();
      if (!isOver) setState(PROBLEMS[(thrown as DOMException | null)?.name ?? ''] ?? 'failed');
    }
  }

  function look(
    video: HTMLVideoElement,
    detect: (video: HTMLVideoElement) => Promise<string | null>,
    foreignAt: number,
  ) {
    timer = window.setTimeout(async () => {
      const text = await detect(video).catch(() => null);
      if (isOver) return;
      const code = text === null ? null : voucherIn(text);
      if (code !== null) {
        setState('found');
        stop();
        return onFound(code);
      }
      const seenAt = text === null ? foreignAt : performance.now();
      setState(seenAt > 0 && performance.now() - seenAt < FOREIGN_MS ? 'foreign' : 'looking');
      look(video, detect, seenAt);
    }, LOOK_MS);
  }

  return { state, start };
}
