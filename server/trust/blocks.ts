import type { PersonId } from '../contract/index.ts';
import type { Database } from '../store/index.ts';

/** Who wants nothing to do with whom. A block works both ways: neither reaches the other. */
export class Blocks {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns false when it stood already */
  async block(blockerId: PersonId, blockedId: PersonId): Promise<boolean> {
    const rows = await this.#database.query(
      'insert into block (blocker_id, blocked_id) values ($1, $2) on conflict do nothing returning id',
      [blockerId, blockedId],
    );
    return rows.length > 0;
  }

  async lift(blockerId: PersonId, blockedId: PersonId): Promise<void> {
    await this.#database.query(
      'update block set lifted_at = now() where blocker_id = $1 and blocked_id = $2 and lifted_at is null',
      [blockerId, blockedId],
    );
  }

  /** Whether one person has blocked the other. */
  async stands(blockerId: PersonId, blockedId: PersonId): Promise<boolean> {
    const rows = await this.#database.query(
      'select 1 from block where blocker_id = $1 and blocked_id = $2 and lifted_at is null',
      [blockerId, blockedId],
    );
    return rows.length > 0;
  }

  /** Whether a block of either stands between two people. */
  async standsBetween(one: PersonId, other: PersonId): Promise<boolean> {
    const rows = await this.#database.query(
      `select 1 from block
        where lifted_at is null and ((blocker_id = $1 and blocked_id = $2) or (blocker_id = $2 and blocked_id = $1))`,
      [one, other],
    );
    return rows.length > 0;
  }

  /** Whom a person has blocked, newest first. */
  async of(blockerId: PersonId): Promise<{ person: { personId: PersonId; displayName: string }; at: string }[]> {
    const rows = await this.#database.query<{ personId: PersonId; displayName: string; at: Date }>(
      `select person.id as "personId", display_name as "displayName", block.at
         from block join person on person.id = blocked_id
        where blocker_id = $1 and lifted_at is null order by block.id desc`,
      [blockerId],
    );
    return rows.map(({ at, ...person }) => ({ person, at: at.toISOString() }));
  }

  /** Every pair that a block stands between, as `smaller:greater`. */
  async pairs(): Promise<Set<string>> {
    const rows = await this.#database.query<{ a: number; b: number }>(
      `select least(blocker_id, blocked_id) as a, greatest(blocker_id, blocked_id) as b from block where lifted_at is null`,
    );
    return new Set(rows.map(({ a, b }) => pairOf(a, b)));
  }
}

export const pairOf = (one: PersonId, other: PersonId): string => `${Math.min(one, other)}:${Math.max(one, other)}`;
