import { BATCH_LENGTH_MAX, postTransfers } from '../../server/ledger/statements.ts';
import type { Database } from '../../server/store/index.ts';

/** The accounts of a studio, by id. */
export interface Studio {
  readonly wallets: number[];
  readonly earnings: number[];
  readonly revenue: number;
}

const CREDIT_MINOR = 1_000_000_000;

/** Clients with credit that does not run out, models, and the studio's own account. */
export async function fillLedger(money: Database, size: { clients: number; models: number }): Promise<Studio> {
  await money.query(
    `insert into person (role, username, display_name)
     select case when n <= $1 then 'client' else 'model' end, 'person-' || n, 'Person ' || n
       from generate_series(1, $1::integer + $2::integer) n`,
    [size.clients, size.models],
  );
  // Nobody pays twice in a batch: each client's credit comes through a clearing account of its own.
  const accounts = await money.query<{ id: number; kind: string }>(
    `insert into ledger_account (kind, person_id, name, floor_minor)
     select case role when 'client' then 'client_wallet' else 'model_earnings' end, id, '', 0 from person
     union all select 'provider_clearing', null, 'bench-' || id, null from person where role = 'client'
     union all select 'studio_revenue', null, '', 0
     returning id, kind`,
  );
  const of = (kind: string) => accounts.filter((account) => account.kind === kind).map((account) => account.id);
  const [wallets, sources] = [of('client_wallet'), of('provider_clearing')];
  for (let from = 0; from < wallets.length; from += BATCH_LENGTH_MAX) {
    const credits = wallets.slice(from, from + BATCH_LENGTH_MAX).map((wallet, index) => ({
      key: `bench:${wallet}`,
      kind: 'payment' as const,
      debit: sources[from + index] as number,
      credit: wallet,
      amountMinor: CREDIT_MINOR,
    }));
    await postTransfers(money, credits);
  }
  return { wallets, earnings: of('model_earnings'), revenue: of('studio_revenue')[0] as number };
}
