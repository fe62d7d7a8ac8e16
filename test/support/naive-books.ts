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
}

export class NaiveBooks {
  readonly credit = new Map<number, number>();
  readonly earnings = new Map<number, number>();
  /** By person, client or model: what was turned over with them, and the models' part of it. */
  readonly turnoverOf = new Map<number, number>();
  readonly modelsPartOf = new Map<number, number>();
  readonly charges = new Map<string, NaiveCharge>();
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
    const share = Math.floor((amount * percent) / 100);
    this.charges.set(key, { callId, unit, client, model, amount, share, isRefunded: false });
    this.#move(this.credit, client, -amount);
    this.#move(this.earnings, model, share);
    this.revenue += amount - share;
    this.turnover += amount;
    this.modelsPart += share;
    this.#count(client, model, amount, share);
    return true;
  }

  /** @returns whether the credit covered it */
  tip(client: number, model: number, amount: number, percent: number): boolean {
    if (this.of(this.credit, client) < amount) return false;
    const share = Math.floor((amount * percent) / 100);
    this.#move(this.credit, client, -amount);
    this.#move(this.earnings, model, share);
    this.revenue += amount - share;
    this.turnover += amount;
    this.modelsPart += share;
    this.#count(client, model, amount, share);
    return true;
  }

  /** @returns the error code, or null when it is done or was before */
  refund(callId: number, units: number[] | 'all', by: 'model' | 'operator'): string | null {
    const named = [...this.charges.values()].filter(
      (charge) => charge.callId === callId && (units === 'all' || units.includes(charge.unit)),
    );
    if (named.length === 0) return 'refund_nothing';
    const due = named.filter((charge) => !charge.isRefunded);
    const [first] = due;
    if (!first) return null;
    const share = due.reduce((sum, charge) => sum + charge.share, 0);
    const amount = due.reduce((sum, charge) => sum + charge.amount, 0);
    const taken = Math.min(share, this.of(this.earnings, first.model));
    if ((by === 'model' && taken < share) || this.revenue < amount - taken) return 'refund_not_covered';
    for (const charge of due) charge.isRefunded = true;
    this.#move(this.earnings, first.model, -taken);
    this.#move(this.credit, first.client, amount);
    this.revenue -= amount - taken;
    this.refunds += amount;
    this.turnover -= amount;
    this.modelsPart -= taken;
    this.#count(first.client, first.model, -amount, -taken);
    return null;
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
