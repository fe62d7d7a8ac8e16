import type { CallerCard, PersonId } from '../contract/index.ts';
import type { Database } from '../store/index.ts';
import type { Ratings } from './ratings.ts';

/**
 * What a model sees of who rings her.
 * @param showStaff whether models see that a caller is of the studio
 * @param looksWithYou what she is asked about; 0: nothing
 */
export async function callerCard(
  database: Database,
  ratings: Ratings,
  clientId: PersonId,
  modelId: PersonId,
  showStaff: boolean,
  looksWithYou: number,
): Promise<CallerCard> {
  const [row, rating] = await Promise.all([
    database.one<{
      memberSince: Date;
      isVerified: boolean;
      isStaff: boolean;
      callsWithYou: number;
      callsInAll: number;
      wasBlocked: boolean;
    }>(
      `select created_at as "memberSince", verified_at is not null as "isVerified", is_staff as "isStaff",
              (select count(*) from call where client_id = $1 and model_id = $2 and live_at is not null) as "callsWithYou",
              (select count(*) from call where client_id = $1 and live_at is not null) as "callsInAll",
              exists (select 1 from block where blocker_id = $2 and blocked_id = $1) as "wasBlocked"
         from person where id = $1`,
      [clientId, modelId],
    ),
    ratings.summaryOf(clientId),
  ]);
  return {
    ...row,
    memberSince: row.memberSince.toISOString(),
    isStaff: showStaff && row.isStaff,
    rating,
    looksWithYou,
  };
}
