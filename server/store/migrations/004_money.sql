-- Money from credit to payout: more kinds of transfers, refunds that name their charge, the chain of
-- batches, vouchers, payments and payouts.

-- ---- accounts ----

alter table ledger_account
  add column name text not null default '', -- of the provider, where there are several of a kind
  drop constraint ledger_account_kind_check,
  add constraint ledger_account_kind_check check (kind in (
    'client_wallet', 'model_earnings', 'studio_revenue', 'adjustments',
    'provider_clearing', -- below zero by what came in through the provider
    'bonus',             -- below zero by what was given
    'payouts_clearing',  -- set aside for payouts that are not paid yet
    'payouts_paid')),    -- what has left the house
  drop constraint ledger_account_kind_person_id_key,
  add constraint ledger_account_identity unique nulls not distinct (kind, person_id, name);

create function ledger_account_is_somebodys() returns trigger language plpgsql as $$
begin
  raise exception 'an account never changes hands; only its balance moves, with a transfer';
end $$;
create trigger ledger_account_is_somebodys before update of id, kind, person_id, name on ledger_account
  for each statement execute function ledger_account_is_somebodys();
create trigger ledger_account_stays before delete on ledger_account
  for each statement execute function ledger_account_is_somebodys();

-- ---- transfers ----

-- A refund goes the other way round: `debit_account` (the studio) pays `amount_minor`, `share_account`
-- (the model) pays the rest, so that `share_minor` is below zero; `credit_account` (the client) gets
-- amount_minor - share_minor, which is the whole charge. The same three terms as in every transfer.
alter table ledger_transfer
  add column refund_of bigint references ledger_transfer,
  drop constraint ledger_transfer_debit_account_fkey, -- checked a batch at a time, below
  drop constraint ledger_transfer_credit_account_fkey,
  drop constraint ledger_transfer_share_account_fkey,
  drop constraint ledger_transfer_kind_check,
  add constraint ledger_transfer_kind_check check (kind in (
    'charge', 'minimum', 'refund', 'top_up', 'voucher', 'payment', 'bonus', 'adjustment',
    'payout', 'payout_returned', 'payout_paid')),
  drop constraint ledger_transfer_amount_minor_check,
  drop constraint ledger_transfer_check,
  add constraint ledger_transfer_amounts check (case kind
    when 'refund' then amount_minor >= 0 and share_minor <= 0 and amount_minor - share_minor > 0
    else amount_minor > 0 and share_minor between 0 and amount_minor end),
  drop constraint ledger_transfer_check3,
  add constraint ledger_transfer_of_a_call
    check ((kind in ('charge', 'minimum', 'refund')) = (call_id is not null and unit is not null)),
  add constraint ledger_transfer_refunds check ((kind = 'refund') = (refund_of is not null));
create unique index ledger_transfer_one_refund on ledger_transfer (refund_of) where refund_of is not null;

-- Half of what a batch cost was its indexes and foreign keys. Charges credit the studio, whose lines
-- nobody pages through; rows lie in the order of their time, so that a block range finds a span.
drop index ledger_transfer_credit;
create index ledger_transfer_credit on ledger_transfer (credit_account, id) where kind not in ('charge', 'minimum');
create index ledger_transfer_at on ledger_transfer using brin (at) with (autosummarize = on);

create function ledger_transfer_has_accounts() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from (select debit_account as id from posted union select credit_account from posted
                   union select share_account from posted where share_account is not null) named
     where (select account.id from ledger_account account where account.id = named.id) is null)
  then raise foreign_key_violation using message = 'a transfer names an account that does not exist';
  end if;
  return null;
end $$;
create trigger ledger_transfer_has_accounts after insert on ledger_transfer
  referencing new table as posted for each statement execute function ledger_transfer_has_accounts();

-- ---- the chain ----

-- What the hash of a batch covers of a transfer: all of it. PostgreSQL's text form of a row quotes its
-- parts, so that two different rows never read the same.
create function ledger_line(t ledger_transfer) returns text language sql stable as $$
  select row(t.id, t.key, t.kind, t.debit_account, t.credit_account, t.amount_minor, t.share_account, t.share_minor,
             t.call_id, t.unit, t.reason, t.actor_id, t.refund_of,
             (extract(epoch from t.at) * 1000000)::bigint)::text
$$;

-- Every statement that posts writes one batch. It covers the transfers whose ids come after those of
-- the batch before: sha256(hash before || number || their lines, by id, with a line feed between).
create table ledger_batch (
  number bigint primary key check (number > 0),
  last_transfer bigint not null unique,
  transfer_count integer not null check (transfer_count > 0),
  hash bytea not null check (length(hash) = 32),
  at timestamptz not null default now()
);
create trigger ledger_batch_is_final before update or delete on ledger_batch
  for each statement execute function ledger_transfer_is_final();
create trigger ledger_batch_stays before truncate on ledger_batch
  for each statement execute function ledger_transfer_is_final();

-- One row: the newest batch. Whoever posts locks it first, so that batches come one after another
-- whatever connects to the database, and ids of transfers rise with them.
create table ledger_head (
  is_only boolean primary key default true check (is_only),
  batch bigint not null,
  last_transfer bigint not null,
  hash bytea not null
) with (fillfactor = 10);

insert into ledger_batch (number, last_transfer, transfer_count, hash)
  select 1, max(t.id), count(*),
         sha256(decode(repeat('00', 32), 'hex') || int8send(1) ||
                convert_to(string_agg(ledger_line(t), E'\n' order by t.id), 'UTF8'))
    from ledger_transfer t having count(*) > 0;
insert into ledger_head (batch, last_transfer, hash)
  select number, last_transfer, hash from ledger_batch
  union all
  select 0, 0, decode(repeat('00', 32), 'hex') where not exists (select 1 from ledger_batch);

-- ---- vouchers ----

create table voucher_batch (
  id bigint generated always as identity primary key,
  label text not null,
  amount_minor bigint not null check (amount_minor > 0),
  made_by bigint not null references person,
  made_at timestamptz not null default now(),
  expires_at timestamptz
);

-- Only the digest of a code is kept. Who redeems claims the row; the credit follows under its key.
create table voucher (
  id bigint generated always as identity primary key,
  batch_id bigint not null references voucher_batch,
  digest bytea not null unique,
  ending text not null,
  redeemed_by bigint references person,
  redeemed_at timestamptz,
  voided_at timestamptz,
  is_credited boolean not null default false,
  check ((redeemed_by is null) = (redeemed_at is null)),
  check (redeemed_by is null or voided_at is null)
);
create index voucher_of_batch on voucher (batch_id, id);
create index voucher_uncredited on voucher (id) where redeemed_by is not null and not is_credited;

-- ---- payments ----

create table payment (
  id bigint generated always as identity primary key,
  provider text not null,
  client_id bigint not null references person,
  key text, -- of the page's request; null when the provider spoke first
  amount_minor bigint not null check (amount_minor > 0),
  state text not null check (state in ('opening', 'open', 'pending', 'settled', 'expired', 'failed')),
  external_id text, -- the provider's name for it
  checkout_url text,
  started_at timestamptz not null default now(),
  settled_at timestamptz,
  trouble text, -- what an operator has to look at
  is_credited boolean not null default false,
  unique (client_id, key),
  unique (provider, external_id),
  check ((state = 'settled') = (settled_at is not null))
);
create index payment_uncredited on payment (id) where state = 'settled' and not is_credited;
create index payment_unfinished on payment (id) where state in ('opening', 'open', 'pending');
create index payment_troubled on payment (id) where trouble is not null;

-- ---- payouts ----

create table payout (
  id bigint generated always as identity primary key,
  model_id bigint not null references person,
  key text not null,
  amount_minor bigint not null check (amount_minor > 0),
  destination text not null,
  -- `opening`: not set aside yet; `refused`: the earnings did not cover it
  state text not null check (state in (
    'opening', 'refused', 'requested', 'approved', 'paid', 'rejected', 'failed', 'withdrawn')),
  approvals_needed integer not null check (approvals_needed in (1, 2)),
  approved_by bigint[] not null default '{}',
  requested_at timestamptz not null default now(),
  is_booked boolean not null default false, -- the transfer that its last state calls for is posted
  unique (model_id, key)
);
create index payout_of_model on payout (model_id, id);
create index payout_unbooked on payout (id)
  where state in ('opening', 'paid', 'rejected', 'failed', 'withdrawn') and not is_booked;

create table payout_step (
  id bigint generated always as identity primary key,
  payout_id bigint not null references payout,
  step text not null,
  at timestamptz not null default now(),
  by_id bigint not null references person,
  note text
);
create index payout_step_of_payout on payout_step (payout_id, id);

-- ---- the store ----

-- Written to see whether the database takes writes.
create table store_probe (is_only boolean primary key default true check (is_only), at timestamptz not null)
  with (fillfactor = 10);
insert into store_probe (at) values (now());
