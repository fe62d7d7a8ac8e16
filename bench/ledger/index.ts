// The ledger's speed: charges a second in batches, each one statement with its link of the chain, as a
// ratio to pgbench's TPC-B on the same server in the same run, since absolute figures say more of the machine.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkLedger } from '../../server/ledger/audit.ts';
import { postTransfers, type Transfer } from '../../server/ledger/statements.ts';
import { Database, migrate, startEmbeddedPostgres } from '../../server/store/index.ts';
import { createLog } from '../../server/telemetry/index.ts';
import type { Bench, Goal } from '../bench.ts';
import { fillLedger, type Studio } from './fill.ts';

const BATCHES = [100, 1_000, 10_000];
const TARGETS = ['spread', 'hot'] as const;
const CLIENTS = 20_000;
const MODELS = 1_000;
/** pgbench's scale: 1,600,000 accounts would say more of the disk, fewer more of its locks. */
const PGBENCH_SCALE = 20;
const PGBENCH_CLIENTS = 8;
const MILLION = 1_000_000;
const ANALYZE_MS_MAX = 120_000;

type Target = (typeof TARGETS)[number];

interface Measured {
  batch: number;
  target: Target;
  chargesPerS: number;
  /** The slowest of a hundred batches. */
  p99Ms: number;
  /** To pgbench just before and after, the median of the rounds; null without pgbench. */
  ratio: number | null;
}

export const ledgerBench: Bench = {
  says: 'charges a second against pgbench, and the walk along the chain',
  async run({ isQuick, say }) {
    const log = createLog('error');
    const data = fs.mkdtempSync(path.join(os.tmpdir(), 'parlour-bench-ledger-'));
    fs.chmodSync(data, 0o755);
    const server = await startEmbeddedPostgres(data, log);
    try {
      const money = new Database(server.connection, {
        connections: 1,
        parameters: { plan_cache_mode: 'force_custom_plan' },
        log,
      });
      await migrate(money, path.resolve('server/store/migrations'), log);
      const studio = await fillLedger(money, { clients: CLIENTS, models: MODELS });
      const pgbench = preparePgbench(server.connection, say);
      const measured: Measured[] = [];
      const rounds = isQuick ? 1 : 5;
      const seconds = isQuick ? 2 : 4;
      for (const batch of BATCHES) {
        for (const target of TARGETS) {
          const one = await measure(money, studio, { batch, target, rounds, seconds, pgbench });
          measured.push(one);
          const ratio = one.ratio === null ? '' : `, ${one.ratio.toFixed(1)}x pgbench`;
          say(
            `batches of ${batch}, ${target}: ${Math.round(one.chargesPerS)} charges/s, p99 ${one.p99Ms.toFixed(1)} ms${ratio}`,
          );
        }
      }
      const walk = await walkMillion(money, studio, isQuick ? MILLION / 10 : MILLION, say);
      money.close();
      return { figures: { pgbenchTps: pgbench?.seen ?? null, measured, walk }, goals: goalsOf(measured, walk) };
    } finally {
      await server.stop();
      fs.rmSync(data, { recursive: true, force: true });
    }
  },
};

interface Pgbench {
  /** Transactions a second, one short run. */
  run(seconds: number): number;
  readonly seen: number[];
}

function preparePgbench(
  connection: { host: string; user: string; database: string },
  say: (line: string) => void,
): Pgbench | null {
  const call = (args: string[]) =>
    execFileSync('pgbench', ['-h', connection.host, '-U', connection.user, ...args, connection.database], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    call(['-i', '-s', String(PGBENCH_SCALE), '-q']);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    say('pgbench is not installed: no ratios (on Debian: apt-get install postgresql-contrib)');
    return null;
  }
  const seen: number[] = [];
  return {
    seen,
    run(seconds) {
      const text = call(['-c', String(PGBENCH_CLIENTS), '-j', '1', '-T', String(seconds), '-n', '-M', 'prepared']);
      const tps = Number(/tps = ([\d.]+)/.exec(text)?.[1]);
      seen.push(tps);
      return tps;
    },
  };
}

let nextCall = 1;

function batchOf(studio: Studio, length: number, target: Target): Transfer[] {
  const first = Math.floor(Math.random() * CLIENTS);
  return Array.from({ length }, (_, index): Transfer => {
    const model = target === 'hot' ? 0 : Math.floor(Math.random() * MODELS);
    return {
      key: `charge:${nextCall}:1`,
      kind: 'charge',
      debit: studio.wallets[(first + index) % CLIENTS] as number,
      credit: studio.revenue,
      amountMinor: 199,
      share: { account: studio.earnings[model] as number, amountMinor: 119 },
      callId: nextCall++,
      unit: 1,
    };
  });
}

async function measure(
  money: Database,
  studio: Studio,
  options: { batch: number; target: Target; rounds: number; seconds: number; pgbench: Pgbench | null },
): Promise<Measured> {
  const { batch, target, rounds, seconds, pgbench } = options;
  // A table that has been analyzed is what a house has; without statistics the plans are others.
  await money.query('analyze', [], { deadlineMs: ANALYZE_MS_MAX });
  const rates: number[] = [];
  const ratios: number[] = [];
  const latencies: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = pgbench?.run(seconds);
    const startedAt = performance.now();
    let charges = 0;
    while (performance.now() - startedAt < seconds * 1_000) {
      const transfers = batchOf(studio, batch, target);
      const at = performance.now();
      const postings = await postTransfers(money, transfers);
      latencies.push(performance.now() - at);
      if (postings.some((posting) => posting.status !== 'posted')) throw new Error('a charge was not posted');
      charges += batch;
    }
    const rate = charges / ((performance.now() - startedAt) / 1_000);
    const after = pgbench?.run(seconds);
    rates.push(rate);
    if (before !== undefined && after !== undefined) ratios.push(rate / ((before + after) / 2));
  }
  return {
    batch,
    target,
    chargesPerS: median(rates),
    p99Ms: quantile(latencies, 0.99),
    ratio: ratios.length > 0 ? median(ratios) : null,
  };
}

/** Fills up to so many transfers, then adds everything up and walks the chain as `parlour ledger verify` does. */
async function walkMillion(
  money: Database,
  studio: Studio,
  wanted: number,
  say: (line: string) => void,
): Promise<{ transfers: number; seconds: number }> {
  const { count } = await money.one<{ count: number }>('select count(*) as count from ledger_transfer');
  for (let have = count; have < wanted; have += 1_000) await postTransfers(money, batchOf(studio, 1_000, 'spread'));
  const startedAt = performance.now();
  const state = await checkLedger(money);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (!state.isBalanced || !state.isChainIntact) throw new Error(`the ledger is broken: ${JSON.stringify(state)}`);
  say(`verify: ${state.transferCount} transfers in ${seconds.toFixed(1)} s`);
  return { transfers: state.transferCount, seconds };
}

function goalsOf(measured: readonly Measured[], walk: { transfers: number; seconds: number }): Goal[] {
  const atThousand = measured.filter((one) => one.batch === 1_000);
  return [
    ...atThousand.map((one) => ({
      says: `times pgbench TPC-B, batches of 1,000, ${one.target}`,
      measured: one.ratio,
      atLeast: 5,
    })),
    { says: 's to verify a million transfers', measured: (walk.seconds * MILLION) / walk.transfers, atMost: 30 },
  ];
}

function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] as number;
}

const median = (values: number[]): number => quantile(values, 0.5);
