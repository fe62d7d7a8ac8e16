import { createSignal } from 'solid-js';

// The ring, made of two oscillators: no sound file, nothing to load. Browsers keep an AudioContext
// suspended until a person has touched the page; `isSoundBlocked` tells.

const PATTERN_MS = 2_000;
/** Frequencies in Hz and lengths in s of one round. */
const TUNES = {
  incoming: { notes: [659.25, 783.99, 987.77, 783.99], noteS: 0.16, gain: 0.22 },
  outgoing: { notes: [440, 440], noteS: 0.45, gain: 0.05 },
};

const CHIME = { notes: [783.99, 1046.5], noteS: 0.14, gain: 0.16 };

const [isSoundBlocked, setBlocked] = createSignal(false);

export { isSoundBlocked };

let context: AudioContext | null = null;

function audio(): AudioContext {
  if (!context) {
    const made = new AudioContext();
    made.onstatechange = () => setBlocked(made.state !== 'running');
    context = made;
  }
  return context;
}

/** Call it in a click: the browser then allows the ring. */
export async function unlockSound(): Promise<void> {
  await audio().resume();
  setBlocked(audio().state !== 'running');
}

function playRound(tune: { readonly notes: number[]; readonly noteS: number; readonly gain: number }) {
  const ctx = audio();
  if (ctx.state !== 'running') return;
  tune.notes.forEach((hz, index) => {
    const start = ctx.currentTime + index * tune.noteS;
    const volume = ctx.createGain();
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(tune.gain, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + tune.noteS);
    volume.connect(ctx.destination);
    const oscillator = ctx.createOscillator();
    oscillator.type = 'triangle';
    oscillator.frequency.value = hz;
    oscillator.connect(volume);
    oscillator.start(start);
    oscillator.stop(start + tune.noteS);
  });
}

/** A short sound for something worth a look. */
export function chime(): void {
  void audio()
    .resume()
    .then(() => playRound(CHIME))
    .catch(() => undefined);
}

/** Rings until the returned function is called. */
export function startRing(kind: keyof typeof TUNES): () => void {
  const round = () => {
    playRound(TUNES[kind]);
    if (kind === 'incoming') navigator.vibrate?.([300, 150, 300]);
  };
  // Without a touch of the page, resume() waits until there is one.
  void audio()
    .resume()
    .catch(() => undefined);
  setBlocked(audio().state !== 'running');
  round();
  const timer = setInterval(round, PATTERN_MS);
  return () => {
    clearInterval(timer);
    if (kind === 'incoming') navigator.vibrate?.(0);
  };
}
