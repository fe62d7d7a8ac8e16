// A double of the ledger: balances, charges by key, and every way in which an answer can fail to come.
import { Random, seedOf } from './random.ts';
import type { CallScenario } from './scenario.ts';

/** What becomes of one attempt to post a charge: when it is judged, and whether and when the host hears. */
export interface Fate {
  judgedAfterMs: number;
  /** After the judgement; null when the answer is lost and the host asks again. */
  heardAfterMs: number | null;
}

export class LedgerDouble {
  balance: bigint;
  /** Posted charges by unit: the key is (call, unit), and this is one call's ledger. */
  readonly posted = new Map<number, bigint>();
  minimumPosted = 0n;
  readonly #scenario: CallScenario;

  constructor(scenario: CallScenario) {
    this.#scenario = scenario;
    this.balance = BigInt(scenario.balanceMinor);
  }

  /** Posts the charge whole or not at all; a key that is there already is not charged again. */
  judge(unit: number, amountMinor: number): 'posted' | 'refused' {
    const before = this.posted.get(unit);
    if (before !== undefined) {
      if (before !== BigInt(amountMinor)) throw new Error(`unit ${unit} repeated with ${amountMinor}, was ${before}`);
      return 'posted';
    }
    if (this.balance < BigInt(amountMinor)) return 'refused';
    this.balance -= BigInt(amountMinor);
    this.posted.set(unit, BigInt(amountMinor));
    return 'posted';
  }

  /** Rule 5: the rest of the minimum as far as the balance covers it. */
  judgeMinimum(amountMinor: number): void {
    const taken = this.balance < BigInt(amountMinor) ? this.balance : BigInt(amountMinor);
    this.balance -= taken;
    this.minimumPosted += taken;
  }

  /** Rule 4: what was posted ahead and did not fall due goes back in full. */
  release(first: number, last: number): void {
    for (let unit = first; unit <= last; unit++) {
      this.balance += this.posted.get(unit) ?? 0n;
      this.posted.delete(unit);
    }
  }

  charged(): bigint {
    let sum = 0n;
    for (const amount of this.posted.values()) sum += amount;
    return sum;
  }

  lastUnit(): number {
    return Math.max(0, ...this.posted.keys());
  }

  fate(unit: number, attempt: number): Fate {
    const random = new Random(seedOf(this.#scenario.ledgerSeed, unit, attempt));
    const kind = this.#scenario.ledger;
    if (kind === 'at_once') return { judgedAfterMs: 0, heardAfterMs: 0 };
    const judgedAfterMs = kind === 'late' ? random.spread(20_000) : random.spread(150);
    const isLost = kind === 'lossy' && attempt < 4 && random.chance(0.5);
    return { judgedAfterMs, heardAfterMs: isLost ? null : random.pick(0, random.spread(100)) };
  }
}
