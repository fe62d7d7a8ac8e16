import { type Accessor, createSignal } from 'solid-js';
import { choose, preferring } from './chosen-devices.ts';

export type DeviceProblem = 'notAllowed' | 'notFound' | 'notReadable' | 'overconstrained' | 'insecure' | 'failed';

/** Camera and microphone of this page. `stream` has no video track when there is no camera. */
export type Devices = {
  stream: Accessor<MediaStream | null>;
  isAsking: Accessor<boolean>;
  problem: Accessor<DeviceProblem | null>;
  /** Asks for them, once for all who wait. Answers whether there is at least a microphone. */
  open(): Promise<boolean>;
  /** Whether the browser would give them without asking a person. */
  isGranted(): Promise<boolean>;
  /** Takes another camera or microphone, now and from now on. Answers false when it cannot be had; nothing changes then. */
  switchTo(kind: 'videoinput' | 'audioinput', deviceId: string): Promise<boolean>;
  close(): void;
};

const VIDEO: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
  facingMode: 'user',
};
const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const PROBLEMS: Record<string, DeviceProblem> = {
  NotAllowedError: 'notAllowed',
  SecurityError: 'notAllowed',
  NotFoundError: 'notFound',
  NotReadableError: 'notReadable',
  AbortError: 'notReadable',
  OverconstrainedError: 'overconstrained',
};

/** The problem that an error of getUserMedia stands for (W3C Media Capture, section 9.2). */
function problemOf(thrown: unknown): DeviceProblem {
  return PROBLEMS[(thrown as DOMException | null)?.name ?? ''] ?? 'failed';
}

/** Camera and microphone; the microphone alone when the camera is what fails. */
async function capture(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: preferring('audioinput', AUDIO),
      video: preferring('videoinput', VIDEO),
    });
  } catch (thrown) {
    // A refusal is for both: asking again for the microphone alone would only nag.
    if (problemOf(thrown) === 'notAllowed') throw thrown;
    return await navigator.mediaDevices.getUserMedia({ audio: preferring('audioinput', AUDIO) });
  }
}

/** Whether the browser would give camera and microphone without asking a person. */
async function isGranted(): Promise<boolean> {
  try {
    const states = await Promise.all(
      ['camera', 'microphone'].map((name) => navigator.permissions.query({ name: name as PermissionName })),
    );
    return states.every((one) => one.state === 'granted');
  } catch {
    return false; // This browser does not tell.
  }
}

const stop = (tracks: readonly MediaStreamTrack[] = []): void => {
  for (const track of tracks) track.stop();
};

/** One camera or microphone, and no other. */
function captureOne(kind: 'videoinput' | 'audioinput', deviceId: string): Promise<MediaStream> {
  const isVideo = kind === 'videoinput';
  const wanted = { ...(isVideo ? VIDEO : AUDIO), deviceId: { exact: deviceId } };
  return navigator.mediaDevices.getUserMedia(isVideo ? { video: wanted } : { audio: wanted });
}

const hasMicrophone = (stream: MediaStream | null): boolean =>
  stream?.getAudioTracks().some((track) => track.readyState === 'live') ?? false;

/** The camera, or the microphone, of `got` in place of that of `before`; and what is of no use any more. */
function exchange(before: MediaStream, got: MediaStream, kind: 'videoinput' | 'audioinput') {
  const [kept, gone] =
    kind === 'videoinput'
      ? [before.getAudioTracks(), before.getVideoTracks()]
      : [before.getVideoTracks(), before.getAudioTracks()];
  return { stream: new MediaStream([...kept, ...got.getTracks()]), gone };
}

export function createDevices(): Devices {
  const [stream, setStream] = createSignal<MediaStream | null>(null);
  const [isAsking, setAsking] = createSignal(false);
  const [problem, setProblem] = createSignal<DeviceProblem | null>(null);
  let opening: Promise<boolean> | null = null;
  let generation = 0;

  async function open(): Promise<boolean> {
    if (hasMicrophone(stream())) return true;
    // Absent in an insecure context.
    if (!navigator.mediaDevices?.getUserMedia) {
      setProblem('insecure');
      return false;
    }
    const mine = generation;
    setProblem(null);
    setAsking(true);
    try {
      const got = await capture();
      if (mine !== generation) {
        stop(got.getTracks());
        return false;
      }
      setStream(got);
      return true;
    } catch (thrown) {
      setProblem(problemOf(thrown));
      return false;
    } finally {
      setAsking(false);
    }
  }

  return {
    stream,
    isAsking,
    problem,
    open() {
      opening ??= open().finally(() => {
        opening = null;
      });
      return opening;
    },
    isGranted,
    async switchTo(kind, deviceId) {
      const mine = generation;
      try {
        const got = await captureOne(kind, deviceId);
        choose(kind, deviceId);
        const before = stream();
        if (mine !== generation || !before) {
          stop(got.getTracks());
          return mine === generation;
        }
        const next = exchange(before, got, kind);
        setStream(next.stream);
        stop(next.gone);
        return true;
      } catch {
        return false; // in use, gone, or refused: what is there stays
      }
    },
    close() {
      generation += 1;
      stop(stream()?.getTracks());
      setStream(null);
      setProblem(null);
    },
  };
}
