-- The currency that every amount of the books is in: written at the first start, and never changed. Amounts are whole
-- numbers of its minor unit, so that another setting would make other money of all that is owed.
create table ledger_currency (
  is_only boolean primary key default true check (is_only),
  code text not null check (code ~ '^[A-Z]{3}$'),
  minor_digits smallint not null check (minor_digits between 0 and 3),
  at timestamptz not null default now()
);
create trigger ledger_currency_is_final before update or delete on ledger_currency
  for each statement execute function ledger_transfer_is_final();
create trigger ledger_currency_stays before truncate on ledger_currency
  for each statement execute function ledger_transfer_is_final();
