import { Compile } from 'typebox/compile';
import { monotonicMs } from '../../clock/index.ts';
import { type FromMedia, ToMedia } from '../../contract/index.ts';

/** How often silence is looked for and counters are told. */
const WATCH_MS = 100;
const COUNTERS_MS = 1_000;
/** Main pings every 400 ms; nothing for so long, and it stands still or is gone. */
const MAIN_SILENT_MS = 1_600;
/** Kept of a message that is logged: the rest of a malformed one helps nobody. */
const LOG_TEXT_MAX = 2_000;

/** What a media process does with its legs. */
export interface MediaWork {
  /** Pings are answered before it. */
  handle(message: Exclude<ToMedia, { type: 'ping' }>): void;
  /** Called several times a second. */
  watch(nowMs: number): void;
  counters(): Extract<FromMedia, { type: 'counters' }>;
  /** Whether media may still pass somewhere. */
  isAnyOpen(nowMs: number): boolean;
}

export const send = (message: FromMedia): void => {
  if (process.connected) process.send?.(message);
};

export const log = (level: 'info' | 'warn' | 'error', text: string): void =>
  send({ type: 'log', level, text: text.slice(0, LOG_TEXT_MAX) });

/** Serves main over the channel that it has opened, for the life of this process. Says `ready` at once. */
export function serveMain(udpPort: number, work: MediaWork): void {
  const protocol = Compile(ToMedia);
  const main = new MainWatch();

  process.on('message', (message) => {
    main.heard();
    if (!protocol.Check(message)) {
      return log('error', `a message from main does not fit the control protocol: ${JSON.stringify(message)}`);
    }
    if (message.type === 'ping') return send({ type: 'pong', n: message.n });
    try {
      work.handle(message);
    } catch (error) {
      log('error', `${message.type}: ${(error as Error).message}`);
      if ('legId' in message) send({ type: 'down', legId: message.legId, why: (error as Error).message });
    }
  });

  // Without main there is nobody to ask for: media of the leases that still run goes on until they end.
  process.on('disconnect', () => {
    const timer = setInterval(() => {
      if (work.isAnyOpen(monotonicMs())) return;
      clearInterval(timer);
      process.exit(0);
    }, WATCH_MS);
  });
  // Ctrl-C in a terminal reaches every process of the group; main ends us in order.
  process.on('SIGINT', () => {});

  setInterval(() => {
    const nowMs = monotonicMs();
    work.watch(nowMs);
    main.watch(nowMs);
  }, WATCH_MS);
  setInterval(() => send(work.counters()), COUNTERS_MS);

  send({ type: 'ready', udpPort });
}

/** A main that stands still changes nothing here: the leases end on time without it. It is only worth a line. */
class MainWatch {
  #lastWordMs = monotonicMs();
  #isSilent = false;

  heard(): void {
    const nowMs = monotonicMs();
    if (this.#isSilent) log('warn', `main is back after ${Math.round(nowMs - this.#lastWordMs)} ms of silence`);
    this.#isSilent = false;
    this.#lastWordMs = nowMs;
  }

  watch(nowMs: number): void {
    if (this.#isSilent || nowMs - this.#lastWordMs <= MAIN_SILENT_MS) return;
    this.#isSilent = true;
    process.stderr.write(
      `main has been silent for ${Math.round(nowMs - this.#lastWordMs)} ms; leases end by themselves\n`,
    );
  }
}
