-- A call's life, and its meter log.

create table call (
  id bigint generated always as identity primary key,
  client_id bigint not null references person,
  model_id bigint not null references person,
  state text not null check (state in ('ringing', 'confirming', 'live', 'suspended', 'ended')),
  -- the terms, copied when it rings; a later change of the profile never touches them
  rate_minor bigint not null check (rate_minor > 0),
  minimum_min integer not null check (minimum_min >= 0),
  tariff text not null check (tariff in ('per_minute', 'per_second')),
  share_percent integer not null check (share_percent between 0 and 100),
  rang_at timestamptz not null default now(),
  accepted_at timestamptz,
  live_at timestamptz,
  suspended_at timestamptz, -- start of the grace that runs
  ended_at timestamptz,
  outcome text,
  ended_by text check (ended_by in ('client', 'model')),
  is_waived boolean not null default false,
  billable_ms bigint not null default 0,
  charged_minor bigint not null default 0,
  agrees boolean, -- whether log, ledger and core agreed when it was closed
  check ((state = 'ended') = (outcome is not null))
);
-- Nobody is in two calls.
create unique index call_one_per_client on call (client_id) where state <> 'ended';
create unique index call_one_per_model on call (model_id) where state <> 'ended';
create index call_of_client on call (client_id, id);
create index call_of_model on call (model_id, id);
create index call_disagreeing on call (id) where agrees = false;

create table meter_log (
  call_id bigint not null references call,
  seq integer not null check (seq > 0),
  kind text not null,
  at timestamptz not null,
  billable_ms bigint not null,
  detail jsonb not null,
  primary key (call_id, seq)
);
