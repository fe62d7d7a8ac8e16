import type { PersonId } from '../contract/index.ts';
import type { Database } from '../store/index.ts';

/** Takes away what ties a person who ends their account to others. Ratings and reports stay: they are the others'. */
export async function forgetPerson(database: Database, personId: PersonId): Promise<void> {
  await database.query(
    `with liked as (delete from favourite where client_id = $1 or model_id = $1),
          waiting as (delete from free_notice where client_id = $1 or model_id = $1)
     delete from block where blocker_id = $1 or blocked_id = $1`,
    [personId],
  );
}
