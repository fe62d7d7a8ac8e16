import { monotonicMs } from '../clock/index.ts';
import type { Alarm, LedgerState } from '../contract/index.ts';
import { headLine, type Ledger } from '../ledger/index.ts';
import { type StoreHealth, StoreUnavailable } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import type { Payments } from './payments.ts';
import type { Payouts } from './payouts.ts';
import type { Vouchers } from './vouchers.ts';

const CHECK_MS = 3_600_000;
/** So long without a whole check, nobody knows whether the money is right. */
const LATE_MS = 2 * 3_600_000;
const SWEEP_MS = 60_000;

interface Deps {
  readonly ledger: Pick<Ledger, 'check'>;
  readonly vouchers: Pick<Vouchers, 'sweep'>;
  readonly payments: Pick<Payments, 'sweep' | 'troubles'>;
  readonly payouts: Pick<Payouts, 'sweep'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

const UNCHECKED: LedgerState = {
  checkedAt: null,
  isBalanced: null,
  isChainIntact: null,
  firstBreak: null,
  transferCount: 0,
  head: null,
};

/**
 * Looks after the books: at the start and every hour it adds up every transfer and walks the chain, every
 * minute it finishes what was left between a row and the ledger. What it finds wrong is an alarm in log,
 * metrics and on the operator's page; it never corrects by itself.
 */
export class Bookkeeper {
  readonly #deps: Deps;
  readonly #clock: () => number;
  readonly #timers: NodeJS.Timeout[] = [];
  #state = UNCHECKED;
  #checking: Promise<LedgerState> | null = null;
  #isSweeping = false;
  /** When the last whole check ended; at first, when it was begun to wait for one. */
  #checkedMonoMs: number;

  /** @param clock monotonic, in ms */
  constructor(deps: Deps, clock: () => number = monotonicMs) {
    this.#deps = deps;
    this.#clock = clock;
    this.#checkedMonoMs = clock();
  }

  start(): void {
    const check = () => void this.check().catch((error: unknown) => this.#say(error, 'the ledger was not checked'));
    const sweep = () => void this.sweep().catch((error: unknown) => this.#say(error, 'money was left unfinished'));
    this.#timers.push(setInterval(check, CHECK_MS), setInterval(sweep, SWEEP_MS));
    check();
    sweep();
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  /** As of the last whole check. */
  get state(): LedgerState {
    return this.#state;
  }

  /** Whether no whole check has ended for two hours. */
  get isLate(): boolean {
    return this.#clock() - this.#checkedMonoMs > LATE_MS;
  }

  /** Checks everything now; one check at a time. */
  check(): Promise<LedgerState> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** Finishes what a crash or a silent provider left. One part's trouble does not keep the others. */
  async sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    const { vouchers, payouts, payments } = this.#deps;
    try {
      const ends = await Promise.allSettled([vouchers.sweep(), payouts.sweep(), payments.sweep()]);
      const failed = ends.find((end): end is PromiseRejectedResult => end.status === 'rejected');
      if (failed) throw failed.reason;
    } finally {
      this.#isSweeping = false;
    }
  }

  /** Everything of money and database that an operator must look at, worst first. */
  async alarms(health: StoreHealth): Promise<Alarm[]> {
    const { isBalanced, firstBreak } = this.#state;
    const alarms: Alarm[] = [];
    const say = (code: Alarm['code'], message: string) => alarms.push({ code, message });
    if (isBalanced === false)
      say('ledger_unbalanced', 'The accounts do not add up to their transfers. Run: parlour ledger verify');
    if (this.isLate)
      say('ledger_unchecked', 'The money has not been checked as a whole for two hours. Run: parlour ledger verify');
    if (firstBreak !== null) say('chain_broken', `The ledger's chain is broken. ${firstBreak}`);
    if (!health.isUp) say('database_down', 'The database does not answer. Meters pause until it does.');
    if (health.trouble === 'read_only')
      say('database_read_only', 'The database takes no writes. Meters pause until it does.');
    if (health.trouble === 'full')
      say('database_full', 'The disk of the database is full. Meters pause until there is room.');
    if (health.isUp) {
      for (const trouble of await this.#deps.payments.troubles()) say('payment_needs_operator', trouble);
    }
    return alarms;
  }

  async #check(): Promise<LedgerState> {
    const { ledger, log, metrics } = this.#deps;
    const state = await ledger.check();
    this.#state = state;
    this.#checkedMonoMs = this.#clock();
    metrics.ledgerBalanced.set(state.isBalanced ? 1 : 0);
    metrics.ledgerChainIntact.set(state.isChainIntact ? 1 : 0);
    metrics.ledgerCheckedAt.set(Date.parse(state.checkedAt ?? '') / 1_000);
    metrics.transfers.set(state.transferCount);
    const facts = { transfers: state.transferCount, head: headLine(state.head) };
    if (state.isBalanced === false) log.error(facts, 'ALARM: the ledger does not add up');
    if (state.firstBreak !== null) log.error({ ...facts, firstBreak: state.firstBreak }, 'ALARM: the chain is broken');
    // The head in the log is a witness outside the database (parlour ledger verify --witness).
    if (state.isBalanced && state.isChainIntact) log.info(facts, 'the ledger adds up, and its chain is intact');
    return state;
  }

  #say(error: unknown, what: string): void {
    const level = error instanceof StoreUnavailable ? 'warn' : 'error';
    this.#deps.log[level]({ err: error }, what);
  }
}
