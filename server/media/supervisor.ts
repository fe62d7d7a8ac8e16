import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { Compile } from 'typebox/compile';
import { monotonicMs } from '../clock/index.ts';
import {
  FromMedia,
  MEDIA_EXIT_BAD_ADDRESS,
  MEDIA_EXIT_NO_ENGINE,
  MEDIA_EXIT_PORT_IN_USE,
  type MediaTransport,
  type ProcessCounters,
  type ToMedia,
} from '../contract/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { endLeftover, writePidFile } from './leftover.ts';

export interface MediaOptions {
  readonly transport: MediaTransport;
  /** The built media process. */
  readonly program: string;
  readonly dataDir: string;
  readonly udpPort: number;
  readonly bindAddress: string;
  /** More for the process's environment, asked for at each start of it. */
  readonly environment?: () => Record<string, string>;
}

/** The setting that names the UDP port of each transport. */
const PORT_SETTINGS: Record<MediaTransport, string> = {
  webrtc: 'media.udpPort',
  webtransport: 'media.webTransportPort',
};

/** The media port or address cannot be had; the message is for the operator. */
export class MediaPortInUse extends Error {
  override readonly name = 'MediaPortInUse';
}

const RESTART_BACKOFF_MS = [0, 200, 500, 1_000, 2_000, 5_000] as const;
/** A process that ran so long without fault starts the back-off anew. */
const HEALTHY_MS = 30_000;
const PING_MS = 400;
/** No answer for so long, and the process is ended and started again. */
const HANG_MS = 1_600;
/** The native library keeps some memory of each leg; an idle process past one of these is replaced. */
const RECYCLE_AGE_MS = 12 * 3_600_000;
const RECYCLE_RSS_BYTES = 300 * 1024 * 1024;
const RECYCLE_LEGS = 4_000;
/** An idle process is looked at so often. */
const RECYCLE_LOOK_MS = 1_000;

/** When an idle media process has served long enough. */
export interface RecycleLimits {
  readonly ageMs: number;
  readonly rssBytes: number;
  readonly legs: number;
}

export interface MediaListener {
  /** A new process is there and knows nothing yet. */
  ready(udpPort: number): void;
  /** Every leg that there was is gone; the process was last heard of at `sinceMs` of the monotonic clock. */
  lost(sinceMs: number): void;
  message(message: FromMedia): void;
  /** Whether nobody would notice if the process were replaced now. */
  isIdle(): boolean;
}

/** Keeps one media process running: starts it, pings it, ends it when it hangs, replaces it when it is used up. */
export class MediaSupervisor {
  readonly #options: MediaOptions;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #listener: MediaListener;
  readonly #limits: RecycleLimits;
  readonly #protocol = Compile(FromMedia);
  #process: ChildProcess | null = null;
  #startedAtMs = 0;
  #isReady = false;
  #isStopped = false;
  #isRecycling = false;
  #failures = 0;
  #restarts = 0;
  #lastPongMs = 0;
  #lastHeardMs = 0;
  #lastPingMs = 0;
  #lastLookMs = 0;
  #pings = 0;
  #udpPort = 0;
  #counters: ProcessCounters | null = null;
  #timer: NodeJS.Timeout | null = null;
  #firstReady: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(
    options: MediaOptions,
    deps: { log: Log; metrics: Metrics },
    listener: MediaListener,
    limits: Partial<RecycleLimits> = {},
  ) {
    this.#options = options;
    this.#log = deps.log;
    this.#metrics = deps.metrics;
    this.#listener = listener;
    this.#limits = { ageMs: RECYCLE_AGE_MS, rssBytes: RECYCLE_RSS_BYTES, legs: RECYCLE_LEGS, ...limits };
  }

  get isUp(): boolean {
    return this.#isReady;
  }

  get restartCount(): number {
    return this.#restarts;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** What the process said of itself last. */
  get counters(): ProcessCounters | null {
    return this.#counters;
  }

  /**
   * Starts the process and waits until it is ready. A start that fails is tried again with back-off.
   * @throws MediaPortInUse when its port or address cannot be had at the first try
   */
  async start(): Promise<void> {
    await endLeftover(this.#pidFile, this.#options.program);
    const ready = new Promise<void>((resolve, reject) => {
      this.#firstReady = { resolve, reject };
    });
    this.#spawn();
    this.#timer = setInterval(() => this.#ping(), PING_MS);
    await ready;
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#process?.kill('SIGTERM');
  }

  send(message: ToMedia): void {
    if (!this.#isReady || !this.#process?.connected) return;
    this.#process.send(message, (error) => {
      if (error) this.#log.warn({ err: error }, 'the media process did not take a message');
    });
  }

  get #pidFile(): string {
    return path.join(this.#options.dataDir, `media-${this.#options.transport}.pid`);
  }

  #spawn(): void {
    this.#startedAtMs = performance.now();
    this.#counters = null;
    const child = fork(this.#options.program, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // It reads packets of strangers: of the appliance's own environment, with its secrets, it gets nothing.
      env: {
        LC_ALL: 'C',
        PATH: process.env.PATH ?? '',
        ...this.#options.environment?.(),
        // Pages know the port: a process that takes another's place takes its port too.
        PARLOUR_MEDIA_UDP_PORT: String(this.#udpPort || this.#options.udpPort),
        PARLOUR_MEDIA_BIND: this.#options.bindAddress,
      },
    });
    this.#process = child;
    if (child.pid) writePidFile(this.#pidFile, child.pid);
    child.stderr?.on('data', (text: Buffer) => this.#log.warn({ text: text.toString().trim() }, 'media process'));
    child.on('message', (message) => this.#receive(message));
    child.on('error', (error) => this.#log.error({ err: error }, 'media process'));
    child.once('exit', (code, signal) => this.#ended(code, signal));
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#isReady = false;
    this.#process = null;
    if (this.#isStopped) return;
    const refusal = this.#firstReady && this.#sentenceOf(code);
    if (refusal) {
      this.stop();
      return this.#firstReady?.reject(new MediaPortInUse(refusal));
    }
    if (this.#isRecycling) {
      this.#isRecycling = false;
      this.#log.info('the media process was replaced by a fresh one');
      this.#metrics.mediaRecycles.inc();
      // A leg that was asked for meanwhile waits for the new process.
      return this.#spawn();
    }
    if (performance.now() - this.#startedAtMs > HEALTHY_MS) this.#failures = 0;
    this.#log.error({ code, signal }, 'the media process ended; starting it again');
    this.#metrics.mediaRestarts.inc();
    this.#restarts += 1;
    this.#listener.lost(this.#lastHeardMs);
    const waitMs = RESTART_BACKOFF_MS[Math.min(this.#failures++, RESTART_BACKOFF_MS.length - 1)];
    setTimeout(() => this.#isStopped || this.#spawn(), waitMs);
  }

  #sentenceOf(code: number | null): string | null {
    const { udpPort, bindAddress, transport } = this.#options;
    const setting = PORT_SETTINGS[transport];
    if (code === MEDIA_EXIT_PORT_IN_USE)
      return `The UDP port ${udpPort} of media is in use. Choose another with ${setting} in parlour.toml.`;
    if (code === MEDIA_EXIT_BAD_ADDRESS)
      return `Media cannot be bound to ${bindAddress || 'any address'}, UDP port ${udpPort}. Look at media.address and ${setting} in parlour.toml.`;
    if (code === MEDIA_EXIT_NO_ENGINE) return 'The QUIC library does not load on this host.';
    return null;
  }

  #ping(): void {
    const nowMs = performance.now();
    // When main itself stood still, the silence was its own.
    if (nowMs - this.#lastPingMs > HANG_MS / 2) this.#lastPongMs = nowMs;
    this.#lastPingMs = nowMs;
    if (!this.#isReady) return;
    if (nowMs - this.#lastPongMs > HANG_MS) {
      this.#log.error({ pid: this.#process?.pid }, 'the media process does not answer; ending it');
      this.#isReady = false;
      this.#process?.kill('SIGKILL');
      return;
    }
    this.send({ type: 'ping', n: ++this.#pings });
    if (nowMs - this.#lastLookMs > RECYCLE_LOOK_MS) {
      this.#lastLookMs = nowMs;
      this.#recycleWhenIdle(nowMs);
    }
  }

  #recycleWhenIdle(nowMs: number): void {
    const counters = this.#counters;
    if (!counters || counters.legsOpen > 0 || !this.#listener.isIdle()) return;
    const { ageMs, rssBytes, legs } = this.#limits;
    const isUsedUp = nowMs - this.#startedAtMs > ageMs || counters.rssBytes > rssBytes || counters.legsOpened >= legs;
    if (!isUsedUp) return;
    this.#isRecycling = true;
    this.#isReady = false;
    this.#process?.kill('SIGTERM');
  }

  #receive(message: unknown): void {
    if (!this.#protocol.Check(message)) {
      this.#log.error({ message }, 'a message of the media process does not fit the control protocol');
      return;
    }
    this.#lastHeardMs = monotonicMs();
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#udpPort = message.udpPort;
        this.#lastPongMs = performance.now();
        this.#log.info(
          { udpPort: message.udpPort, pid: this.#process?.pid },
          `media process ready: ${this.#options.transport}`,
        );
        this.#listener.ready(message.udpPort);
        this.#firstReady?.resolve();
        this.#firstReady = null;
        return;
      case 'pong':
        this.#lastPongMs = performance.now();
        return;
      case 'log':
        return this.#log[message.level]({ pid: this.#process?.pid, module: 'media process' }, message.text);
      case 'counters':
        this.#measure(message.process);
        return this.#listener.message(message);
      default:
        return this.#listener.message(message);
    }
  }

  #measure(counters: ProcessCounters): void {
    const before = this.#counters;
    this.#counters = counters;
    const { mediaProcess, mediaTraffic } = this.#metrics;
    const { transport } = this.#options;
    mediaProcess.set({ transport, what: 'rss_bytes' }, counters.rssBytes);
    mediaProcess.set({ transport, what: 'legs' }, counters.legsOpen);
    if (counters.fds !== null) mediaProcess.set({ transport, what: 'fds' }, counters.fds);
    if (counters.threads !== null) mediaProcess.set({ transport, what: 'threads' }, counters.threads);
    const add = (what: string, now: number, then: number | undefined) =>
      mediaTraffic.inc({ transport, what }, Math.max(0, now - (then ?? 0)));
    add('packets', counters.packets, before?.packets);
    add('bytes', counters.bytes, before?.bytes);
    add('held_packets', counters.held, before?.held);
    add('cpu_seconds', counters.cpuS, before?.cpuS);
  }
}
