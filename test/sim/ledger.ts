// The ledger against crashes: rounds in which several posters write through real connections while the
// database and the posters are killed and connections are cut, all chosen by a seed. After each round every
// acknowledged transfer is there once, every balance is what a notebook says, the sum is zero, the chain holds.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts, SignIn } from '../../server/accounts/index.ts';
import { Ledger } from '../../server/ledger/index.ts';
import { loadSettings } from '../../server/settings/index.ts';
import { readPostmaster } from '../../server/store/embedded/process-identity.ts';
import { openStore, type Store } from '../../server/store/index.ts';
import { createLog } from '../../server/telemetry/index.ts';
import { Random } from './core/random.ts';
import { SimulatedAppliance } from './ledger/appliance.ts';
import { type Acknowledged, type Orders, POSTER } from './ledger/poster.ts';

/** What is killed: the database and processes that post, a whole appliance behind its doors, or both by turns. */
export type LedgerSimKind = 'both' | 'posters' | 'appliance';

export interface LedgerSimOptions {
  seed: number;
  rounds: number;
  kind: LedgerSimKind;
}

interface LedgerSimResult {
  rounds: number;
  acknowledged: number;
  postgresKills: number;
  posterKills: number;
  cuts: number;
  /** Times that everything was killed at once: database and all posters. */
  blackouts: number;
  faults: string[];
  seconds: number;
}

const POSTERS = 3;
const CLIENTS_EACH = 8;
const ROUND_MS = 700;
const UP_AGAIN_MS_MAX = 60_000;

/** Every second round on each of the two; `say` hears of each failing one with its seed. */
export async function simulateLedger(options: LedgerSimOptions, say: (line: string) => void): Promise<string> {
  const { seed, rounds, kind } = options;
  const posters = kind === 'both' ? Math.ceil(rounds / 2) : kind === 'posters' ? rounds : 0;
  const trace: string[] = [];
  let faults = 0;
  if (posters > 0) {
    const result = await simulatePosters({ ...options, rounds: posters }, say);
    trace.push(postersReport(result));
    faults += result.faults.length;
  }
  if (rounds > posters && faults === 0) {
    const result = await simulateAppliance({ ...options, seed: seed + posters, rounds: rounds - posters }, say);
    trace.push(result.trace);
    faults += result.faults;
  }
  return [...trace, `ledger: ${faults} faults`].join('\n');
}

async function simulateAppliance(
  { seed: first, rounds }: LedgerSimOptions,
  say: (line: string) => void,
): Promise<{ trace: string; faults: number }> {
  const startedAt = performance.now();
  const appliance = new SimulatedAppliance();
  let played = 0;
  let faults = 0;
  try {
    await appliance.open();
    for (let seed = first; seed < first + rounds && faults === 0; seed++) {
      const found = await appliance.play(seed).catch((error: Error) => [error.message]);
      played++;
      faults += found.length;
      for (const fault of found) {
        say(`seed ${seed}: ${fault} (npm run sim -- ledger --kind appliance --seed ${seed} --rounds 1)`);
      }
      if (played % 20 === 0) say(`… ${played} rounds of the appliance, ${appliance.acknowledged} acknowledged`);
    }
  } finally {
    await appliance.close();
  }
  const { main, database, both } = appliance.kills;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const trace =
    `appliance: ${played} rounds, ${appliance.acknowledged} acknowledged; ${main} kills of main, ${database} of its database, ` +
    `${both} of the whole tree; ${faults} faults, ${seconds} s`;
  return { trace, faults };
}

async function simulatePosters(
  options: { seed: number; rounds: number },
  say: (line: string) => void,
): Promise<LedgerSimResult> {
  const startedAt = performance.now();
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'parlour-sim-ledger-'));
  fs.chmodSync(data, 0o755);
  const settings = loadSettings({ environment: {}, overrides: { data } });
  const store = await openStore(settings, path.resolve('server/store/migrations'), createLog('silent'));
  const result: LedgerSimResult = {
    rounds: 0,
    acknowledged: 0,
    postgresKills: 0,
    posterKills: 0,
    cuts: 0,
    blackouts: 0,
    faults: [],
    seconds: 0,
  };
  try {
    const { token } = await new SignIn(store.main).newSetUpLink();
    const { personId: operatorId } = await new SignIn(store.main).setUp(token, 'boss', 'Boss', 'a long password');
    for (let seed = options.seed; seed < options.seed + options.rounds; seed++) {
      const faults = await new Round(seed, store, data, operatorId, result).play();
      result.rounds++;
      result.faults.push(...faults);
      for (const fault of faults)
        say(`seed ${seed}: ${fault} (npm run sim -- ledger --kind posters --seed ${seed} --rounds 1)`);
      if (faults.length > 0) break;
      if (result.rounds % 20 === 0) say(`… ${result.rounds} rounds, ${result.acknowledged} acknowledged`);
    }
  } finally {
    await store.close();
    fs.rmSync(data, { recursive: true, force: true });
  }
  result.seconds = (performance.now() - startedAt) / 1_000;
  return result;
}

function postersReport(result: LedgerSimResult): string {
  const { rounds, acknowledged, postgresKills, posterKills, cuts, blackouts, faults, seconds } = result;
  return (
    `posters: ${rounds} rounds, ${acknowledged} acknowledged; ${postgresKills} kills of the database, ` +
    `${posterKills} of posters, ${blackouts} of both, ${cuts} connections cut; ${faults.length} faults, ${seconds.toFixed(1)} s`
  );
}

/** One seed: its posters' people are its own, so that what they did can be counted alone. */
class Round {
  readonly seed: number;
  readonly store: Store;
  readonly data: string;
  readonly operatorId: number;
  readonly result: LedgerSimResult;
  readonly #random: Random;
  readonly #acknowledged: Acknowledged[] = [];
  readonly #posters = new Map<number, ChildProcess>();
  readonly #faults: string[] = [];
  #orders: Orders[] = [];

  constructor(seed: number, store: Store, data: string, operatorId: number, result: LedgerSimResult) {
    this.seed = seed;
    this.store = store;
    this.data = data;
    this.operatorId = operatorId;
    this.result = result;
    this.#random = new Random(seed);
  }

  async play(): Promise<string[]> {
    this.#orders = await Promise.all(Array.from({ length: POSTERS }, (_, index) => this.#makePeople(index)));
    for (const index of this.#orders.keys()) this.#startPoster(index);
    const endsAt = performance.now() + ROUND_MS;
    while (performance.now() < endsAt) {
      await sleep(this.#random.whole(0, ROUND_MS / 4));
      await this.#harm();
    }
    await this.#finish();
    return this.#check();
  }

  async #makePeople(index: number): Promise<Orders> {
    const accounts = new Accounts(this.store.main);
    const name = (what: string, n: number) => `${what}-${this.seed}-${index}-${n}`;
    const model = await accounts.makePerson('model', name('model', 0), 'Model');
    const clients: number[] = [];
    for (let n = 0; n < CLIENTS_EACH; n++) {
      clients.push((await accounts.makePerson('client', name('client', n), 'Client')).personId);
    }
    const { host } = runningSocket(this.data);
    const callBase = this.seed * 1_000_000 + index * 100_000;
    const { operatorId } = this;
    return {
      seed: this.seed * 10 + index,
      host,
      clients,
      modelId: model.personId,
      operatorId,
      callBase,
      isLast: false,
    };
  }

  /** A poster begins again what it may not have finished, under the same keys: nothing of it is kept here. */
  #startPoster(index: number, isLast = false): void {
    const poster = fork(process.argv[1] as string, [], { env: { ...process.env, [POSTER]: '1' } });
    this.#posters.set(index, poster);
    poster.on('exit', (code) => {
      if (code) this.#faults.push(`a poster gave up with ${code}`);
    });
    poster.on('message', (message) => this.#acknowledged.push(message as Acknowledged));
    poster.send({ ...(this.#orders[index] as Orders), isLast });
  }

  async #harm(): Promise<void> {
    const kind = this.#random.whole(0, 9);
    if (kind < 2) {
      this.#killPostgres();
      this.result.postgresKills++;
    } else if (kind < 5) {
      this.#killPoster(this.#random.whole(0, POSTERS - 1));
      this.result.posterKills++;
    } else if (kind < 9) {
      this.result.cuts++;
      await this.#cutConnections();
    } else {
      this.result.blackouts++;
      this.#killPostgres();
      for (const index of this.#orders.keys()) this.#killPoster(index);
    }
  }

  /** The server and every process of it, as a power cut would. */
  #killPostgres(): void {
    const running = readPostmaster(path.join(this.data, 'postgres'));
    if (!running) return;
    for (const pid of [running.pid, ...childrenOf(running.pid)]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it was faster
      }
    }
  }

  #killPoster(index: number): void {
    this.#posters.get(index)?.kill('SIGKILL');
    this.#startPoster(index);
  }

  /** Ends the posters' connections wherever their statements are. */
  async #cutConnections(): Promise<void> {
    await this.store.main
      .query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'parlour' and pid <> pg_backend_pid()`,
      )
      .catch(() => {});
  }

  /** Lets every poster come to its end undisturbed: all that it had planned, retried until it is answered. */
  async #finish(): Promise<void> {
    await Promise.all(
      [...this.#posters.keys()].map(async (index) => {
        this.#posters.get(index)?.kill('SIGKILL');
        this.#startPoster(index, true);
        const poster = this.#posters.get(index) as ChildProcess;
        const timer = setTimeout(() => poster.kill('SIGKILL'), UP_AGAIN_MS_MAX);
        const [, signal] = await once(poster, 'exit');
        clearTimeout(timer);
        if (signal) this.#faults.push('a poster did not come to its end');
      }),
    );
  }

  async #check(): Promise<string[]> {
    const { store } = this;
    const faults = this.#faults;
    const rows = await store.main.query<{ id: number; key: string; amount: number }>(
      `select id, key, amount_minor - least(share_minor, 0) as amount from ledger_transfer where key = any($1::text[])`,
      [this.#acknowledged.map(({ key }) => key)],
    );
    const byKey = new Map(rows.map((row) => [row.key, row]));
    for (const { key, transferId, amountMinor } of this.#acknowledged) {
      const row = byKey.get(key);
      if (!row) faults.push(`${key} was acknowledged and is not there`);
      else if (transferId !== null && row.id !== transferId)
        faults.push(`${key} was acknowledged as ${transferId}, is ${row.id}`);
      else if (row.amount !== amountMinor) faults.push(`${key} was acknowledged with ${amountMinor}, is ${row.amount}`);
    }
    this.result.acknowledged += byKey.size;
    if (byKey.size === 0) faults.push('nothing was acknowledged');
    const state = await new Ledger(store).check();
    if (!state.isBalanced) faults.push('the accounts do not add up');
    if (state.firstBreak) faults.push(state.firstBreak);
    faults.push(...(await this.#notebook()));
    return faults;
  }

  /** Each client: what came in, less the charges, plus the refunds, all of which the posters know to the last one. */
  async #notebook(): Promise<string[]> {
    const faults: string[] = [];
    for (const { clients } of this.#orders) {
      const last = new Map(this.#acknowledged.map((one) => [one.key, one]));
      for (const clientId of clients) {
        const mine = [...last.values()].filter((one) => one.clientId === clientId);
        const expected = mine.reduce(
          (sum, { key, amountMinor }) => sum + (key.startsWith('charge') ? -amountMinor : amountMinor),
          0,
        );
        const balance = await new Ledger(this.store).balanceOf(clientId, 'client');
        if (balance !== expected) faults.push(`client ${clientId} has ${balance}, the notebook says ${expected}`);
      }
    }
    return faults;
  }
}

function runningSocket(data: string): { host: string } {
  // The fifth line of postmaster.pid is the folder of the socket (PostgreSQL manual, section 66.1).
  const host = fs.readFileSync(path.join(data, 'postgres/postmaster.pid'), 'utf8').split('\n')[4];
  if (!host) throw new Error('the database has no socket');
  return { host };
}

function childrenOf(pid: number): number[] {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
