import type { PersonId, Role } from '../contract/index.ts';
import type { Database } from '../store/index.ts';

/** Every kind of account, with its floor in minor units; null: it stands for money outside and has none. */
const FLOOR_MINOR = {
  client_wallet: 0,
  model_earnings: 0,
  studio_revenue: 0,
  /** Earnings set aside for payouts that are not paid yet. */
  payouts_clearing: 0,
  payouts_paid: 0,
  provider_clearing: null,
  bonus: null,
  adjustments: null,
} as const satisfies Record<string, 0 | null>;

export type AccountKind = keyof typeof FLOOR_MINOR;

/** The ids of accounts. An account is made when it is first needed and never goes away. */
export class AccountBook {
  readonly #money: Database;
  readonly #ids = new Map<string, number>();

  constructor(money: Database) {
    this.#money = money;
  }

  ofPerson(personId: PersonId, role: Exclude<Role, 'operator'>): Promise<number> {
    return this.#idOf(accountKindOf(role), personId, '');
  }

  /** @param name of the provider, for `provider_clearing` */
  ofStudio(kind: Exclude<AccountKind, 'client_wallet' | 'model_earnings'>, name = ''): Promise<number> {
    return this.#idOf(kind, null, name);
  }

  async #idOf(kind: AccountKind, personId: PersonId | null, name: string): Promise<number> {
    const known = `${kind}:${personId}:${name}`;
    const cached = this.#ids.get(known);
    if (cached !== undefined) return cached;
    await this.#money.query(
      `insert into ledger_account (kind, person_id, name, floor_minor) values ($1, $2, $3, $4) on conflict do nothing`,
      [kind, personId, name, FLOOR_MINOR[kind]],
    );
    const { id } = await this.#money.one<{ id: number }>(
      'select id from ledger_account where kind = $1 and person_id is not distinct from $2 and name = $3',
      [kind, personId, name],
    );
    this.#ids.set(known, id);
    return id;
  }
}

export function accountKindOf(role: Exclude<Role, 'operator'>): AccountKind {
  return role === 'client' ? 'client_wallet' : 'model_earnings';
}
