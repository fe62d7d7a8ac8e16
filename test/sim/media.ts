// Many calls through real media processes: a thousand one after another, looking for what leaks; thirty at
// once for minutes through a whole appliance, looking for lost calls and meters that are not exact.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaPeer } from '../../server/cli/doctor/media-peer.ts';
import { monotonicMs } from '../../server/clock/index.ts';
import { type HubMessage, type PersonId, toMinor } from '../../server/contract/index.ts';
import { type Appliance, startAppliance } from '../../server/main.ts';
import { loadSettings } from '../../server/settings/index.ts';
import { createLog } from '../../server/telemetry/index.ts';
import { MediaFixture } from '../support/media-fixture.ts';
import { TestSocket } from '../support/page-socket.ts';
import { temporaryFolder } from '../support/store.ts';

type Say = (line: string) => void;

const built = path.resolve(import.meta.dirname, '../../dist');
const MEGABYTE = 1024 * 1024;
/** A process past this is replaced when it is idle; calls of one after another must never take much more. */
const RSS_LIMIT_BYTES = 120 * MEGABYTE;
const RSS_SLACK_BYTES = 40 * MEGABYTE;
/** What may stay over from call to call, since closing takes a moment. */
const FDS_SLACK = 12;
const THREADS_SLACK = 4;
const TELL_EVERY = 100;

interface Held {
  readonly fds: number;
  readonly threads: number;
  readonly rssBytes: number;
}

/** Opens and closes calls one after another. @returns faults */
export async function callsInARow(rounds: number, say: Say): Promise<string[]> {
  const fixture = new MediaFixture({ rssBytes: RSS_LIMIT_BYTES });
  await fixture.control.start();
  const faults: string[] = [];
  let first: Held | null = null;
  let rssMax = 0;
  const pids = new Set<number>();
  try {
    for (let round = 1; round <= rounds; round++) {
      const { model, client } = await fixture.call(round);
      fixture.control.lease(round, monotonicMs() + 60_000);
      const before = client.peer.received;
      await fixture.until(() => {
        model.peer.send(1_000);
        return client.peer.received > before + 3;
      }, `packets of call ${round}`);
      fixture.control.closeCall(round);
      model.peer.close();
      client.peer.close();
      fixture.events.length = 0;
      if (fixture.control.pid) pids.add(fixture.control.pid);
      rssMax = Math.max(rssMax, fixture.control.processCounters?.rssBytes ?? 0);
      if (round !== 20 && round % TELL_EVERY !== 0) continue;
      const held = await idle(fixture);
      first ??= held;
      say(
        `  ${round} calls: ${held.fds} fds, ${held.threads} threads, ${Math.round(held.rssBytes / MEGABYTE)} MB, ${pids.size} processes so far`,
      );
      if (held.fds > first.fds + FDS_SLACK) faults.push(`${held.fds} fds after ${round} calls, ${first.fds} at first`);
      if (held.threads > first.threads + THREADS_SLACK)
        faults.push(`${held.threads} threads after ${round} calls, ${first.threads} at first`);
    }
    if (rssMax > RSS_LIMIT_BYTES + RSS_SLACK_BYTES) faults.push(`memory grew to ${Math.round(rssMax / MEGABYTE)} MB`);
    if (fixture.control.restartCount > 0) faults.push(`the process died ${fixture.control.restartCount} times`);
  } finally {
    fixture.control.stop();
    fs.rmSync(fixture.data, { recursive: true, force: true });
  }
  say(`${rounds} calls in a row: at most ${Math.round(rssMax / MEGABYTE)} MB, ${pids.size} processes`);
  return faults;
}

/** The process's own count, once its legs are gone and it has told again. */
async function idle(fixture: MediaFixture): Promise<Held> {
  const atMs = performance.now();
  const counters = await fixture.until(() => {
    const now = fixture.control.processCounters;
    return performance.now() - atMs > 1_200 && now?.legsOpen === 0 && now;
  }, 'the process at rest');
  return { fds: counters.fds ?? 0, threads: counters.threads ?? 0, rssBytes: counters.rssBytes };
}

const RATE_MINOR = 600;
const PACKET_BYTES = 1_000;
const PACKET_MS = 20;
const RECEIVE_MS_MAX = 10_000;
/** Between what the meter counts and what the pages saw, for the way of the messages. */
const METER_MS_MAX = 1_500;

/** Calls at once through a whole appliance, for some time. @returns faults */
export async function soak(options: { calls: number; seconds: number }, say: Say): Promise<string[]> {
  const data = temporaryFolder('soak');
  // Synthetic senders know no bursts: their links are not judged.
  const settings = loadSettings({
    environment: {},
    overrides: {
      data,
      front: { host: '127.0.0.1', port: 0 },
      media: { address: '127.0.0.1', udpPort: 0 },
      money: { tariff: 'per_second' },
      meter: { slowLinkKbps: 0 },
      log: { level: 'error' },
    },
  });
  const parts = {
    migrations: path.join(built, 'server/migrations'),
    core: path.join(built, 'server/core.wasm'),
    mediaProgram: path.join(built, 'server/media-webrtc.mjs'),
    verifyProgram: path.join(built, 'server/parlour-verify.mjs'),
    webTransportProgram: path.join(built, 'server/media-webtransport.mjs'),
    pages: path.join(built, 'web'),
    version: 'soak',
  };
  const appliance = await startAppliance(settings, parts, createLog('error'));
  const faults: string[] = [];
  try {
    const calls: SoakCall[] = [];
    for (let n = 0; n < options.calls; n++) calls.push(await SoakCall.begin(appliance, data, n, options.seconds));
    say(`  ${calls.length} calls are live`);
    const endsMs = performance.now() + options.seconds * 1_000;
    for (let left = options.seconds; left > 0; left = Math.ceil((endsMs - performance.now()) / 1_000)) {
      await sleep(Math.min(60_000, Math.max(1, endsMs - performance.now())));
      const { rssBytes, cpuS } = appliance.media.processCounters ?? { rssBytes: 0, cpuS: 0 };
      say(`  ${left} s left; media process ${Math.round(rssBytes / MEGABYTE)} MB, ${cpuS.toFixed(0)} s of CPU so far`);
    }
    for (const call of calls) faults.push(...(await call.end()));
    if (!(await appliance.ledger.check()).isBalanced) faults.push('the ledger is not balanced');
    if (appliance.media.restartCount > 0) faults.push('the media process died');
  } finally {
    await appliance.stop();
    fs.rmSync(data, { recursive: true, force: true });
  }
  say(
    `${options.calls} calls at once for ${options.seconds} s: ${faults.length === 0 ? 'none lost, every meter exact' : 'see the faults'}`,
  );
  return faults;
}

/** One call of the soak, with both its people. */
class SoakCall {
  readonly #appliance: Appliance;
  readonly #callId: number;
  readonly #client: SoakPage;
  readonly #model: SoakPage;
  readonly #liveAtMs: number;

  private constructor(appliance: Appliance, callId: number, client: SoakPage, model: SoakPage, liveAtMs: number) {
    this.#appliance = appliance;
    this.#callId = callId;
    this.#client = client;
    this.#model = model;
    this.#liveAtMs = liveAtMs;
  }

  static async begin(appliance: Appliance, data: string, n: number, seconds: number): Promise<SoakCall> {
    const { accounts, ledger } = appliance;
    const modelPerson = await accounts.makePerson('model', `model${n}`, `Model ${n}`);
    const clientPerson = await accounts.makePerson('client', `client${n}`, `Client ${n}`);
    await accounts.setProfile(modelPerson.personId, {
      rateMinor: RATE_MINOR,
      minimumMin: 0,
      about: '',
      languages: [],
      tags: [],
    });
    await accounts.setAvailability(modelPerson.personId, 12);
    const amountMinor = toMinor(RATE_MINOR * (Math.ceil(seconds / 60) + 10));
    const { personId: clientId } = clientPerson;
    await ledger.topUp({ key: `soak-${n}`, clientId, amountMinor, reason: 'soak', actorId: clientId });
    const model = await SoakPage.open(appliance, data, modelPerson.personId, n * 2 + 1);
    const client = await SoakPage.open(appliance, data, clientPerson.personId, n * 2 + 2);
    const rung = await client.socket.ask({ type: 'call.ring', modelId: modelPerson.personId });
    if (rung.type !== 'ok' || rung.callId === undefined) throw new Error(`call ${n}: ${JSON.stringify(rung)}`);
    const { callId } = rung;
    await model.socket.ask({ type: 'call.accept', callId });
    await Promise.all([model.isSending(), client.isSending()]);
    await Promise.all([model.isReceiving(), client.isReceiving()]);
    await model.socket.ask({ type: 'call.connect', callId });
    await client.socket.ask({ type: 'call.connect', callId });
    await client.socket.call((view) => view.meter?.state === 'charging');
    return new SoakCall(appliance, callId, client, model, performance.now());
  }

  async end(): Promise<string[]> {
    const faults: string[] = [];
    const what = `call ${this.#callId}`;
    await this.#client.socket.ask({ type: 'call.hangUp', callId: this.#callId });
    const elapsedMs = performance.now() - this.#liveAtMs;
    this.#client.close();
    this.#model.close();
    let record = await this.#appliance.records.read(this.#callId);
    for (let tries = 0; record.agrees === null && tries < 200; tries++) {
      await sleep(50);
      record = await this.#appliance.records.read(this.#callId);
    }
    const person = await this.#appliance.accounts.person(record.clientId);
    const receipt = await this.#appliance.history.receipt(person, this.#callId);
    if (record.outcome !== 'client_ended') faults.push(`${what}: ${record.outcome}`);
    if (record.agrees !== true) faults.push(`${what}: receipt, ledger and log disagree`);
    const pausedMs = receipt.pauses.reduce((sum, { from, to }) => sum + (Date.parse(to ?? from) - Date.parse(from)), 0);
    if (Math.abs(receipt.billableMs + pausedMs - elapsedMs) > METER_MS_MAX)
      faults.push(
        `${what}: ${receipt.billableMs} ms billable and ${pausedMs} ms paused of ${Math.round(elapsedMs)} ms`,
      );
    if (receipt.units.length !== Math.ceil(receipt.billableMs / 1_000))
      faults.push(`${what}: ${receipt.units.length} units for ${receipt.billableMs} ms`);
    // A machine that is busy with other things lets a charge wait; nobody pays for that, and it is no fault of media.
    const faulty = receipt.pauses.filter(({ reason }) => reason !== 'ledger_wait');
    if (faulty.length > 0) faults.push(`${what}: paused for ${faulty.map(({ reason }) => reason).join(', ')}`);
    if (this.#client.peer.received === 0 || this.#model.peer.received === 0)
      faults.push(`${what}: nothing came through`);
    return faults;
  }
}

/** A page without a browser: its socket, and a peer that sends a steady picture. */
class SoakPage {
  readonly socket: TestSocket;
  readonly peer: MediaPeer;
  readonly #timers: NodeJS.Timeout[] = [];

  private constructor(socket: TestSocket, peer: MediaPeer) {
    this.socket = socket;
    this.peer = peer;
  }

  static async open(appliance: Appliance, data: string, personId: PersonId, ssrc: number): Promise<SoakPage> {
    const token = await appliance.signIn.openSession(personId);
    const place = { url: appliance.url.replace('localhost', '127.0.0.1'), data };
    const socket = await TestSocket.open(place, `__Host-parlour_session=${token}`);
    const page = new SoakPage(socket, await MediaPeer.open(ssrc));
    void page.#join();
    return page;
  }

  async isSending(): Promise<void> {
    await this.socket.seen(({ type }) => type === 'media.start');
    await this.peer.connected();
    this.#timers.push(setInterval(() => this.peer.send(PACKET_BYTES), PACKET_MS));
  }

  async isReceiving(): Promise<void> {
    const giveUpAtMs = performance.now() + RECEIVE_MS_MAX;
    while (this.peer.received < 5) {
      if (performance.now() > giveUpAtMs) throw new Error('nothing comes through');
      await sleep(10);
    }
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.peer.close();
    this.socket.close();
  }

  async #join(): Promise<void> {
    type Of<T extends HubMessage['type']> = Extract<HubMessage, { type: T }>;
    const waitMs = 60_000;
    const offer = (await this.socket.seen(({ type }) => type === 'media.offer', waitMs)) as Of<'media.offer'>;
    await this.peer.take({
      sdp: offer.sdp,
      answer: (sdp) => this.socket.ask({ type: 'media.answer', legId: offer.legId, sdp }),
    });
    const told = (await this.socket.seen(({ type }) => type === 'media.candidates', waitMs)) as Of<'media.candidates'>;
    this.peer.addCandidates(told.candidates);
  }
}
