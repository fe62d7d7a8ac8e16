// The books as a person with a notebook would keep them: plain numbers, one thing after another. What the
// ledger says after a random history is compared with it.

export interface NaiveCharge {
  readonly callId: number;
  readonly unit: number;
  readonly client: number;
  readonly model: number;
  readonly amount: number;
  readonly share: number;
  isRefunded: boolean;
  isReleased: boolean;
}

export type NaiveTip = Pick<NaiveCharge, 'client' | 'model' | 'amount' | 'share' | 'isRefunded'>;

export class NaiveBooks {
  readonly credit = new Map<number, number>();
  readonly earnings = new Map<number, number>();
  /** By person, client or model: what was turned over with them, and the models' part of it. */
  readonly turnoverOf = new Map<number, number>();
  readonly modelsPartOf = new Map<number, number>();
  readonly charges = new Map<string, NaiveCharge>();
  /** By call. */
  readonly percents = new Map<number, number>();
  readonly tips: NaiveTip[] = [];
  readonly refunded = new Map<number, number>();
  revenue = 0;
  inPayouts = 0;
  paidOut = 0;
  turnover = 0;
  modelsPart = 0;
  refunds = 0;
  creditIn = 0;
  bonus = 0;
  adjustments = 0;

  give(client: number, amount: number, kind: 'paid' | 'bonus'): void {
    this.#move(this.credit, client, amount);
    if (kind === 'paid') this.creditIn += amount;
    else this.bonus += amount;
  }

  /** @returns whether it is posted now or was before */
  charge(callId: number, unit: number, client: number, model: number, amount: number, percent: number): boolean {
    const key = `${callId}:${unit}`;
    if (this.charges.has(key)) return true;
    if (this.of(this.credit, client) < amount) return false;
    const before = this.chargedOf(callId);
    const share = Math.floor(((before + amount) * percent) / 100) - Math.floor((before * percent) / 100);
    this.charges.set(key, { callId, unit, client, model, amount, share, isRefunded: false, isReleased: false });
    this.percents.set(callId, percent);
    this.#move(this.credit, client, -amount);
    this.#move(this.earnings, model, share);
    this.revenue += amount - share;
    this.turnover += amount;
    this.modelsPart += share;
    this.#count(client, model, amount, share);
    return true;
  }

  /** @returns whether the credit covered it */
  tip(client: number, model: number, amount: number, percent: number, keep = 0): boolean {
    if (this.of(this.credit, client) < amount + keep) return false;
    const share = Math.floor((amount * percent) / 100);
    this.tips.push({ client, model, amount, share, isRefunded: false });
    this.#move(this.credit, client, -amount);
    this.#move(this.earnings, model, share);
    this.revenue += amount - share;
    this.turnover += amount;
    this.modelsPart += share;
    this.#count(client, model, amount, share);
    return true;
  }

  /** @returns the error code, or null when it is done or was before */
  refundTip(tip: NaiveTip, by: 'model' | 'operator'): string | null {
    if (tip.isRefunded) return null;
    const { client, model, amount, share } = tip;
    const taken = Math.min(share, this.of(this.earnings, model));
    if ((by === 'model' && taken < share) || this.revenue < amount - taken) return 'refund_not_covered';
    tip.isRefunded = true;
    this.#move(this.earnings, model, -taken);
    this.#move(this.credit, client, amount);
    this.revenue -= amount - taken;
    this.refunds += amount;
    this.turnover -= amount;
    this.modelsPart -= taken;
    this.#count(client, model, -amount, -taken);
    return null;
  }

  /** @returns the error code, or null when it is done or was before */
  refund(callId: number, units: number[] | 'all', by: 'model' | 'operator'): string | null {
    const named = [...this.charges.values()].filter(
      (charge) => charge.callId === callId && !charge.isReleased && (units === 'all' || units.includes(charge.unit)),
    );
    if (named.length === 0) return 'refund_nothing';
    const due = named.filter((charge) => !charge.isRefunded);
    const [first] = due;
    if (!first) return null;
    const amount = due.reduce((sum, charge) => sum + charge.amount, 0);
    const before = this.of(this.refunded, callId);
    const percent = this.of(this.percents, callId);
    const share = Math.floor(((before + amount) * percent) / 100) - Math.floor((before * percent) / 100);
    const taken = Math.min(share, this.of(this.earnings, first.model));
    if ((by === 'model' && taken < share) || this.revenue < amount - taken) return 'refund_not_covered';
    for (const charge of due) charge.isRefunded = true;
    this.#move(this.refunded, callId, amount);
    this.#move(this.earnings, first.model, -taken);
    this.#move(this.credit, first.client, amount);
    this.revenue -= amount - taken;
    this.refunds += amount;
    this.turnover -= amount;
    this.modelsPart -= taken;
    this.#count(first.client, first.model, -amount, -taken);
    return null;
  }

  /** What the call was charged and not released. */
  chargedOf(callId: number): number {
    const standing = [...this.charges.values()].filter((charge) => charge.callId === callId && !charge.isReleased);
    return standing.reduce((sum, charge) => sum + charge.amount, 0);
  }

  /** The unit that was charged last, released or not. */
  lastUnitOf(callId: number): number | undefined {
    return [...this.charges.values()].filter((charge) => charge.callId === callId).at(-1)?.unit;
  }

  /** @returns `released` also when it was before, null when there is nothing to release, or the error code */
  release(callId: number, unit: number): 'released' | 'refund_not_covered' | null {
    const charge = this.charges.get(`${callId}:${unit}`);
    if (!charge || charge.isRefunded) return null;
    if (charge.isReleased) return 'released';
    const { client, model, amount, share } = charge;
    const taken = Math.min(share, this.of(this.earnings, model));
    if (this.revenue < amount - taken) return 'refund_not_covered';
    charge.isReleased = true;
    this.#move(this.earnings, model, -taken);
    this.#move(this.credit, client, amount);
    this.revenue -= amount - taken;
    // The two come to nothing; where the studio gave back her part, they are shown as a charge and a refund.
    if (taken < share) this.refunds += amount;
    this.turnover -= amount;
    this.modelsPart -= taken;
    this.#count(client, model, -amount, -taken);
    return 'released';
  }

  adjust(of: 'credit' | 'earnings', person: number, amount: number): boolean {
    if (this.of(this[of], person) + amount < 0) return false;
    this.#move(this[of], person, amount);
    this.adjustments += amount;
    return true;
  }

  hold(model: number, amount: number): boolean {
    if (this.of(this.earnings, model) < amount) return false;
    this.#move(this.earnings, model, -amount);
    this.inPayouts += amount;
    return true;
  }

  finish(model: number, amount: number, end: 'paid' | 'returned'): void {
    this.inPayouts -= amount;
    if (end === 'paid') this.paidOut += amount;
    else this.#move(this.earnings, model, amount);
  }

  of(accounts: Map<number, number>, person: number): number {
    return accounts.get(person) ?? 0;
  }

  #count(client: number, model: number, amount: number, share: number): void {
    for (const person of [client, model]) {
      this.#move(this.turnoverOf, person, amount);
      this.#move(this.modelsPartOf, person, share);
    }
  }

  #move(accounts: Map<number, number>, person: number, amount: number): void {
    accounts.set(person, this.of(accounts, person) + amount);
  }
}
