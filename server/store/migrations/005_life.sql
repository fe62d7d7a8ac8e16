-- What people tell each other and of each other: profiles, threads, ratings, reports, blocks, tips.

-- ---- people ----

alter table person
  add column verified_at timestamptz, -- the operator has seen who they are
  add column is_staff boolean not null default false;

alter table model_profile
  add column languages text[] not null default '{}', -- ISO 639 codes
  add column tags text[] not null default '{}';

create table person_picture (
  person_id bigint primary key references person,
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
  bytes bytea not null,
  digest text not null, -- names the version in its address
  set_at timestamptz not null default now()
);

-- A block stands from `at` to `lifted_at`; a lifted one is kept, since it tells something of the caller.
create table block (
  id bigint generated always as identity primary key,
  blocker_id bigint not null references person,
  blocked_id bigint not null references person,
  at timestamptz not null default now(),
  lifted_at timestamptz,
  check (blocker_id <> blocked_id)
);
create unique index block_standing on block (blocker_id, blocked_id) where lifted_at is null;
create index block_of_blocked on block (blocked_id) where lifted_at is null;

-- Clients who asked to be told when a model is free.
create table free_notice (
  client_id bigint not null references person,
  model_id bigint not null references person,
  asked_at timestamptz not null default now(),
  primary key (client_id, model_id)
);
create index free_notice_of_model on free_notice (model_id);

-- ---- calls ----

alter table call add column reject_reason text;

-- What each of the two thinks of the call.
create table rating (
  call_id bigint not null references call,
  side text not null check (side in ('client', 'model')),
  by_id bigint not null references person,
  about_id bigint not null references person,
  is_up boolean not null,
  stars smallint check (stars between 1 and 5),
  at timestamptz not null default now(),
  primary key (call_id, side)
);
create index rating_about on rating (about_id);

create table issue_report (
  id bigint generated always as identity primary key,
  reporter_id bigint not null references person,
  about_id bigint references person,
  call_id bigint references call,
  kind text not null,
  words text not null,
  at timestamptz not null default now(),
  answer text,
  answered_by bigint references person,
  answered_at timestamptz,
  check ((answer is null) = (answered_at is null))
);
create index issue_report_open on issue_report (id) where answered_at is null;
create index issue_report_of_reporter on issue_report (reporter_id, id);
-- A call is reported once by each; a second report of it replaces the words while it is open.
create unique index issue_report_of_call on issue_report (reporter_id, call_id) where call_id is not null;

-- ---- threads ----

-- One thread for each client and model. What comes from a call has a key that says what it tells of,
-- so that it stands in the thread once, however often it is written.
create table message (
  id bigint generated always as identity primary key,
  client_id bigint not null references person,
  model_id bigint not null references person,
  author_id bigint references person, -- null: the appliance
  news_for bigint references person, -- whom it is news to, and counts as unread for
  key text not null unique,
  kind text not null check (kind in ('text', 'charge', 'low', 'out_of_funds', 'tip', 'call')),
  content jsonb not null,
  at timestamptz not null default now()
);
create index message_of_thread on message (client_id, model_id, id);
create index message_of_model on message (model_id, id);
create index message_news on message (news_for, client_id, model_id, id) where news_for is not null;

create table message_read (
  person_id bigint not null references person,
  peer_id bigint not null references person,
  last_read_id bigint not null,
  primary key (person_id, peer_id)
);

-- ---- tips ----

-- A one-off amount in a call, split as a charge is; it is no unit, so that no receipt counts it as time.
alter table ledger_transfer
  drop constraint ledger_transfer_kind_check,
  add constraint ledger_transfer_kind_check check (kind in (
    'charge', 'minimum', 'tip', 'refund', 'top_up', 'voucher', 'payment', 'bonus', 'adjustment',
    'payout', 'payout_returned', 'payout_paid')),
  drop constraint ledger_transfer_of_a_call,
  add constraint ledger_transfer_of_a_call
    check ((kind in ('charge', 'minimum', 'refund')) = (call_id is not null and unit is not null)),
  add constraint ledger_transfer_tip_of_a_call check (kind <> 'tip' or (call_id is not null and unit is null));
drop index ledger_transfer_credit;
create index ledger_transfer_credit on ledger_transfer (credit_account, id)
  where kind not in ('charge', 'minimum', 'tip');
