import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { Compile } from 'typebox/compile';
import {
  type CallId,
  FromMedia,
  type LegCounters,
  MEDIA_EXIT_PORT_IN_USE,
  type Side,
  type ToMedia,
} from '../contract/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { endLeftover, writePidFile } from './leftover.ts';

export interface MediaOptions {
  /** The built media process. */
  readonly program: string;
  readonly dataDir: string;
  readonly udpPort: number;
  readonly bindAddress: string;
  readonly publicAddress: string;
}

/** The media port is taken; the message is for the operator. */
export class MediaPortInUse extends Error {
  override readonly name = 'MediaPortInUse';
}

/** What a leg has to say. `legId` is unique for the life of this process. */
export type LegEvent = Extract<FromMedia, { legId: number }> & { readonly callId: CallId; readonly side: Side };

interface LegPlace {
  readonly callId: CallId;
  readonly side: Side;
}

const RESTART_BACKOFF_MS = [0, 200, 500, 1_000, 2_000, 5_000] as const;
/** A process that ran so long without fault starts the back-off anew. */
const HEALTHY_MS = 30_000;
const PING_MS = 400;
/** No answer for so long, and the process is ended and started again. */
const HANG_MS = 1_600;

/** Keeps the WebRTC media process running and speaks with it. */
export class MediaControl {
  readonly #options: MediaOptions;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #protocol = Compile(FromMedia);
  readonly #legs = new Map<number, LegPlace>();
  #counters = new Map<number, LegCounters>();
  #process: ChildProcess | null = null;
  #udpPort = 0;
  #isReady = false;
  #isStopped = false;
  #failures = 0;
  #restarts = 0;
  /** Starts at the wall clock: a page that outlives a restart of the appliance must not take a new leg for an old one. */
  #nextLegId = Date.now();
  /** Kept for a process that is not ready yet: it hears of them with its legs. */
  readonly #leases = new Map<CallId, number>();
  #lastPongMs = 0;
  #lastPingMs = 0;
  #pings = 0;
  #timer: NodeJS.Timeout | null = null;
  #onLeg: (event: LegEvent) => void = () => {};
  #firstReady: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(options: MediaOptions, log: Log, metrics: Metrics) {
    this.#options = options;
    this.#log = log;
    this.#metrics = metrics;
  }

  onLeg(listener: (event: LegEvent) => void): void {
    this.#onLeg = listener;
  }

  get isUp(): boolean {
    return this.#isReady;
  }

  get restartCount(): number {
    return this.#restarts;
  }

  get udpPort(): number {
    return this.#udpPort;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /**
   * Starts the process and waits until it is ready. A start that fails is tried again with back-off.
   * @throws MediaPortInUse when its port is taken at the first try
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

  /** Makes a leg for a side of a call, in place of the one it had. Its offer comes as an event. */
  openLeg(callId: CallId, side: Side): number {
    const legId = this.#nextLegId++;
    for (const [id, place] of this.#legs) if (place.callId === callId && place.side === side) this.#legs.delete(id);
    this.#legs.set(legId, { callId, side });
    if (this.#isReady) this.#send({ type: 'open', callId, legId, side });
    return legId;
  }

  answer(legId: number, sdp: string): void {
    this.#send({ type: 'answer', legId, sdp });
  }

  candidate(legId: number, candidate: string): void {
    this.#send({ type: 'candidate', legId, candidate });
  }

  /** Lets media of the call pass until then (monotonic ms) and no longer. */
  lease(callId: CallId, untilMs: number): void {
    this.#leases.set(callId, untilMs);
    this.#send({ type: 'lease', callId, untilMs });
  }

  closeCall(callId: CallId): void {
    this.#leases.delete(callId);
    for (const [legId, place] of this.#legs) {
      if (place.callId !== callId) continue;
      this.#legs.delete(legId);
      this.#counters.delete(legId);
      this.#send({ type: 'close', legId });
    }
  }

  legOf(legId: number): LegPlace | null {
    return this.#legs.get(legId) ?? null;
  }

  /** The newest counters of a call's legs, at most a second old. */
  countersOf(callId: CallId): LegCounters[] {
    return [...this.#counters.values()].filter((counters) => counters.callId === callId);
  }

  get #pidFile(): string {
    return path.join(this.#options.dataDir, 'media-webrtc.pid');
  }

  #spawn(): void {
    const startedAtMs = performance.now();
    const child = fork(this.#options.program, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        PARLOUR_MEDIA_UDP_PORT: String(this.#options.udpPort),
        PARLOUR_MEDIA_BIND: this.#options.bindAddress,
        PARLOUR_MEDIA_PUBLIC: this.#options.publicAddress,
      },
    });
    this.#process = child;
    if (child.pid) writePidFile(this.#pidFile, child.pid);
    child.stderr?.on('data', (text: Buffer) => this.#log.warn({ text: text.toString().trim() }, 'media process'));
    child.on('message', (message) => this.#receive(message));
    child.on('error', (error) => this.#log.error({ err: error }, 'media process'));
    child.once('exit', (code, signal) => {
      this.#isReady = false;
      this.#process = null;
      if (this.#isStopped) return;
      if (code === MEDIA_EXIT_PORT_IN_USE && this.#firstReady) {
        this.stop();
        const { udpPort } = this.#options;
        const message = `The UDP port ${udpPort} of media is in use. Choose another with media.udpPort in parlour.toml.`;
        return this.#firstReady.reject(new MediaPortInUse(message));
      }
      if (performance.now() - startedAtMs > HEALTHY_MS) this.#failures = 0;
      this.#log.error({ code, signal }, 'the media process ended; starting it again');
      this.#metrics.mediaRestarts.inc();
      this.#restarts += 1;
      this.#loseLegs();
      const waitMs = RESTART_BACKOFF_MS[Math.min(this.#failures++, RESTART_BACKOFF_MS.length - 1)];
      setTimeout(() => this.#isStopped || this.#spawn(), waitMs);
    });
  }

  #loseLegs(): void {
    const lost = [...this.#legs];
    this.#legs.clear();
    this.#counters.clear();
    for (const [legId, place] of lost) this.#onLeg({ type: 'down', legId, why: 'media process ended', ...place });
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
    this.#send({ type: 'ping', n: ++this.#pings });
  }

  #send(message: ToMedia): void {
    if (!this.#isReady || !this.#process?.connected) return;
    this.#process.send(message, (error) => {
      if (error) this.#log.warn({ err: error }, 'the media process did not take a message');
    });
  }

  #receive(message: unknown): void {
    if (!this.#protocol.Check(message)) {
      this.#log.error({ message }, 'a message of the media process does not fit the control protocol');
      return;
    }
    if (message.type === 'ready') return this.#becomeReady(message.udpPort);
    if (message.type === 'pong') {
      this.#lastPongMs = performance.now();
      return;
    }
    if (message.type === 'counters') {
      this.#counters = new Map(message.legs.map((leg) => [leg.legId, leg]));
      return;
    }
    const place = this.#legs.get(message.legId);
    if (place) this.#onLeg({ ...message, ...place });
  }

  #becomeReady(udpPort: number): void {
    this.#udpPort = udpPort;
    this.#isReady = true;
    this.#lastPongMs = performance.now();
    this.#log.info({ udpPort, pid: this.#process?.pid }, 'media process ready');
    for (const [legId, { callId, side }] of this.#legs) this.#send({ type: 'open', callId, legId, side });
    for (const [callId, untilMs] of this.#leases) this.#send({ type: 'lease', callId, untilMs });
    this.#firstReady?.resolve();
    this.#firstReady = null;
  }
}
