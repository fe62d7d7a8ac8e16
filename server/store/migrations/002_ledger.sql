-- Money. A transfer is written once and never edited; a balance is changed only together with the
-- transfer that explains it. The sum over all accounts is always zero.

create table ledger_account (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('client_wallet', 'model_earnings', 'studio_revenue', 'adjustments')),
  person_id bigint references person,
  balance_minor bigint not null default 0,
  floor_minor bigint, -- null: may go below zero without limit (the other side of money that came from outside)
  unique nulls not distinct (kind, person_id),
  check (floor_minor is null or balance_minor >= floor_minor),
  check ((kind in ('client_wallet', 'model_earnings')) = (person_id is not null))
);

-- From `debit_account` to `credit_account`; `share_minor` of the amount goes to `share_account` instead
-- (charging rule 7: the model's share of a charge, the rest is the studio's).
create table ledger_transfer (
  id bigint generated always as identity primary key,
  key text not null unique, -- the same key is never posted twice (charging rule 4)
  kind text not null check (kind in ('charge', 'minimum', 'top_up')),
  debit_account bigint not null references ledger_account,
  credit_account bigint not null references ledger_account,
  amount_minor bigint not null check (amount_minor > 0),
  share_account bigint references ledger_account,
  share_minor bigint not null default 0 check (share_minor between 0 and amount_minor),
  call_id bigint,
  unit integer,
  reason text,
  actor_id bigint references person,
  at timestamptz not null default now(),
  check (debit_account <> credit_account),
  check (share_minor = 0 or share_account is not null),
  check ((kind in ('charge', 'minimum')) = (call_id is not null and unit is not null))
);
create index ledger_transfer_of_call on ledger_transfer (call_id, unit) where call_id is not null;
create index ledger_transfer_debit on ledger_transfer (debit_account, id);
create index ledger_transfer_credit on ledger_transfer (credit_account, id);
create index ledger_transfer_share on ledger_transfer (share_account, id) where share_account is not null;

create function ledger_transfer_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'a transfer is never edited or removed; correct it with a new one';
end $$;
create trigger ledger_transfer_is_final before update or delete on ledger_transfer
  for each statement execute function ledger_transfer_is_final();
create trigger ledger_transfer_stays before truncate on ledger_transfer
  for each statement execute function ledger_transfer_is_final();
