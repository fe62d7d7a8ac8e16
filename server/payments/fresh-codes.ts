import type { MakeVouchers, PersonId } from '../contract/index.ts';
import { newCode } from './voucher-code.ts';

/** Orders that are remembered, and for how long: as long as somebody tries again whose answer was lost. */
const ORDERS_MAX = 20;
const KEPT_MS = 600_000;

interface Fresh {
  readonly order: string;
  readonly codes: readonly string[];
  readonly sinceMs: number;
}

/**
 * Codes of the orders of late, in memory only: the database keeps digests. An order that is sent again under its key
 * gets the same codes.
 */
export class FreshCodes {
  readonly #orders = new Map<string, Fresh>();

  /** @returns the codes of this order; null when its key stood for another one */
  of(by: PersonId, { key, ...order }: MakeVouchers, nowMs: number): string[] | null {
    const name = `${by} ${key}`;
    const said = JSON.stringify(order);
    const known = this.#orders.get(name);
    if (known && nowMs - known.sinceMs < KEPT_MS) return known.order === said ? [...known.codes] : null;
    const codes = Array.from({ length: order.count }, newCode);
    this.#orders.delete(name);
    this.#orders.set(name, { order: said, codes, sinceMs: nowMs });
    const [oldest] = this.#orders.keys();
    if (this.#orders.size > ORDERS_MAX && oldest !== undefined) this.#orders.delete(oldest);
    return codes;
  }
}
