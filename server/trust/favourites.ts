import { FAVOURITES_MAX, type PersonId, UserError } from '../contract/index.ts';
import type { Database } from '../store/index.ts';

/** The models that a client likes to find first. */
export class Favourites {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws UserError `too_many_favourites` */
  async add(clientId: PersonId, modelId: PersonId): Promise<void> {
    const rows = await this.#database.query(
      `insert into favourite (client_id, model_id)
       select $1, $2 where (select count(*) from favourite where client_id = $1 and model_id <> $2) < $3
       on conflict (client_id, model_id) do update set at = favourite.at returning model_id`,
      [clientId, modelId, FAVOURITES_MAX],
    );
    if (rows.length === 0) throw new UserError('too_many_favourites');
  }

  async remove(clientId: PersonId, modelId: PersonId): Promise<void> {
    await this.#database.query('delete from favourite where client_id = $1 and model_id = $2', [clientId, modelId]);
  }

  /** The favourites of a client, the newest first. */
  async of(clientId: PersonId): Promise<PersonId[]> {
    const rows = await this.#database.query<{ modelId: PersonId }>(
      'select model_id as "modelId" from favourite where client_id = $1 order by at desc, model_id',
      [clientId],
    );
    return rows.map((row) => row.modelId);
  }
}
