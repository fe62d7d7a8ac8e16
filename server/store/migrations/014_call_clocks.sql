-- What a call needs so that no length depends on the wall clock, and its end on what was known at that moment.

-- The machine's monotonic clock in ms at each line: lengths are taken from it. Null in logs of older versions.
alter table meter_log add column mono_ms bigint;

alter table call
  -- The machine's start that the monotonic times below belong to.
  add column boot_id text,
  add column rang_mono_ms bigint,
  add column accepted_mono_ms bigint,
  -- The client's credit when the call ended: the rest of the minimum never touches what came later.
  add column end_balance_minor bigint check (end_balance_minor >= 0),
  -- How long media reached the client beyond what the law lets pass.
  add column media_beyond_ms bigint check (media_beyond_ms >= 0);
