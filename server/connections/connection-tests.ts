import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../clock/index.ts';
import {
  type HubMessage,
  type IceServers,
  type PersonId,
  type ProbeEvidence,
  type ProbeVerdict,
  UserError,
} from '../contract/index.ts';
import type { Connection } from '../hub/index.ts';
import { decide } from '../media/index.ts';
import type { PageSender } from './deps.ts';
import type { Prober } from './prober.ts';

/** Probes of one test at most; two of one kind are enough. */
const PROBES_MAX = 5;
/** Between them the last burst's queue empties. */
const PAUSE_MS = 300;
const TEST_MS_MAX = 25_000;
/** Tests of the whole appliance at once: they share its downlink with the calls. */
const TESTS_MAX = 4;
/** Tests of one person in a minute: each makes a leg. */
const TESTS_PER_MINUTE_MAX = 30;
const MINUTE_MS = 60_000;

/** Servers that help a page to reach us, with credentials of its person. */
export type IceServersFor = (personId: PersonId) => IceServers;

/** What the last test of a person's connection came to. */
export interface ConnectionTestResult {
  readonly atMs: number;
  readonly verdict: ProbeVerdict;
  readonly kbps: number;
}

interface Test {
  readonly connection: Connection;
  readonly isRelayOnly: boolean;
  isOver: boolean;
}

/** Tests of pages' connections outside of any call: before a model goes online, and of the way through a relay. */
export class ConnectionTests {
  readonly #deps: { hub: PageSender; prober: Prober };
  readonly #iceServers: IceServersFor;
  readonly #running = new Set<Test>();
  readonly #results = new Map<PersonId, ConnectionTestResult>();
  /** When who asked for a test lately, on the monotonic clock. */
  #asked: { readonly personId: PersonId; readonly atMs: number }[] = [];

  constructor(deps: { hub: PageSender; prober: Prober }, iceServers: IceServersFor) {
    this.#deps = deps;
    this.#iceServers = iceServers;
  }

  /** The person's last test since the appliance started; null when there was none. */
  lastOf(personId: PersonId): ConnectionTestResult | null {
    return this.#results.get(personId) ?? null;
  }

  /** Begins a test; its result goes to the page. @throws UserError `connection_test_busy`, `too_many_requests` */
  start(from: Connection, isRelayOnly: boolean): void {
    this.#count(from.personId);
    // A page that was reloaded in its test begins anew.
    for (const test of this.#running) if (test.connection.personId === from.personId) this.#end(test);
    if (this.#running.size >= TESTS_MAX) throw new UserError('connection_test_busy');
    const test: Test = { connection: from, isRelayOnly, isOver: false };
    this.#running.add(test);
    void this.#run(test);
  }

  pageClosed(connection: Connection): void {
    for (const test of this.#running) if (test.connection.connectionId === connection.connectionId) this.#end(test);
  }

  #count(personId: PersonId): void {
    const nowMs = monotonicMs();
    this.#asked = this.#asked.filter(({ atMs }) => nowMs - atMs < MINUTE_MS);
    const own = this.#asked.filter((asked) => asked.personId === personId);
    if (own.length >= TESTS_PER_MINUTE_MAX) throw new UserError('too_many_requests');
    this.#asked.push({ personId, atMs: nowMs });
  }

  async #run(test: Test): Promise<void> {
    const { connectionId, personId } = test.connection;
    const page = {
      connectionId,
      iceServers: this.#iceServers(personId),
      besideLegId: null,
      send: (message: HubMessage) => this.#send(test, message),
    };
    const samples: ProbeEvidence[] = [];
    const giveUpAtMs = performance.now() + TEST_MS_MAX;
    while (samples.length < PROBES_MAX && performance.now() < giveUpAtMs) {
      const { evidence } = await this.#deps.prober.probe(page);
      if (test.isOver) return;
      samples.push(evidence);
      if (decide(samples) !== null || !isWorthAnother(samples)) break;
      await sleep(PAUSE_MS);
    }
    this.#send(test, { type: 'connection.result', ...resultOf(samples) });
    const { verdict, kbps } = resultOf(samples);
    if (!test.isRelayOnly) this.#results.set(personId, { atMs: Date.now(), verdict, kbps });
    this.#end(test);
  }

  #end(test: Test): void {
    if (test.isOver) return;
    test.isOver = true;
    this.#running.delete(test);
    this.#deps.prober.drop(
      ({ connectionId, besideLegId }) => connectionId === test.connection.connectionId && besideLegId === null,
    );
  }

  #send(test: Test, message: HubMessage): void {
    this.#deps.hub.sendToConnection(test.connection.connectionId, message);
  }
}

/** A page that could not even connect twice will not the third time. */
function isWorthAnother(samples: readonly ProbeEvidence[]): boolean {
  return samples.length < 2 || samples.some(({ doubt }) => doubt !== 'no_report');
}

function resultOf(samples: readonly ProbeEvidence[]) {
  const rates = samples
    .filter(({ verdict }) => verdict !== 'inconclusive')
    .map(({ kbps }) => kbps)
    .sort((a, b) => a - b);
  const rtts = samples.flatMap(({ rttMs }) => (rttMs === null ? [] : [rttMs]));
  const sent = samples.reduce((sum, { sentPackets }) => sum + sentPackets, 0);
  const received = samples.reduce((sum, { receivedPackets }) => sum + receivedPackets, 0);
  return {
    verdict: decide(samples) ?? ('inconclusive' as const),
    kbps: rates[rates.length >> 1] ?? 0,
    rttMs: rtts.length > 0 ? Math.min(...rtts) : null,
    lossPct: sent === 0 ? 0 : Math.max(0, Math.round(1_000 * (1 - received / sent)) / 10),
    samples: [...samples],
  };
}
