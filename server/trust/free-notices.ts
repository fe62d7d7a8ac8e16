import type { PersonId } from '../contract/index.ts';
import type { Database } from '../store/index.ts';

/** A wish to be told that is older is forgotten. */
const WISH_HOURS_MAX = 24;
/** Models of whom one client can ask to be told at once; the oldest wish gives way. */
const WISHES_PER_CLIENT_MAX = 20;

/** Clients who asked to be told, once, when a model is free. */
export class FreeNotices {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async ask(clientId: PersonId, modelId: PersonId): Promise<void> {
    await this.#database.query(
      `with surplus as (
         delete from free_notice where client_id = $1 and model_id in (
           select model_id from free_notice where client_id = $1 and model_id <> $2
            order by asked_at desc offset ${WISHES_PER_CLIENT_MAX - 1}))
       insert into free_notice (client_id, model_id) values ($1, $2)
       on conflict (client_id, model_id) do update set asked_at = now()`,
      [clientId, modelId],
    );
  }

  async forget(clientId: PersonId, modelId: PersonId): Promise<void> {
    await this.#database.query('delete from free_notice where client_id = $1 and model_id = $2', [clientId, modelId]);
  }

  /** The models of whom a client asked to be told. */
  async of(clientId: PersonId): Promise<PersonId[]> {
    const rows = await this.#database.query<{ modelId: PersonId }>(
      `select model_id as "modelId" from free_notice
        where client_id = $1 and asked_at > now() - interval '${WISH_HOURS_MAX} hours' order by model_id`,
      [clientId],
    );
    return rows.map((row) => row.modelId);
  }

  /**
   * Takes the wishes that can be met now: their models are free, their clients can hear it.
   * Each is given out once.
   * @param whoHears those of these clients who can be told now
   */
  async take(
    free: readonly PersonId[],
    whoHears: (clientIds: readonly PersonId[]) => Promise<ReadonlySet<PersonId>>,
  ): Promise<{ clientId: PersonId; modelId: PersonId }[]> {
    if (free.length === 0) return [];
    const waiting = await this.#database.query<{ clientId: PersonId; modelId: PersonId }>(
      `select client_id as "clientId", model_id as "modelId" from free_notice
        where model_id = any($1::bigint[]) and asked_at > now() - interval '${WISH_HOURS_MAX} hours'`,
      [free],
    );
    if (waiting.length === 0) return [];
    const hearing = await whoHears([...new Set(waiting.map(({ clientId }) => clientId))]);
    const ready = waiting.filter(({ clientId }) => hearing.has(clientId));
    if (ready.length === 0) return [];
    return this.#database.query<{ clientId: PersonId; modelId: PersonId }>(
      `delete from free_notice using unnest($1::bigint[], $2::bigint[]) as met(client, model)
        where client_id = met.client and model_id = met.model
       returning client_id as "clientId", model_id as "modelId"`,
      [ready.map(({ clientId }) => clientId), ready.map(({ modelId }) => modelId)],
    );
  }
}
