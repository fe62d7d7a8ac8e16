-- Looks without connecting, a model's own share, and tips that are given back.

alter table model_profile
  -- She takes no ring of a client who has looked too often without connecting.
  add column refuses_looks boolean not null default false,
  -- Her part of what is charged where an operator has set one; null: the appliance's setting.
  add column share_percent smallint check (share_percent between 0 and 100);

-- What a client has rung lately.
create index call_of_client_lately on call (client_id, rang_at);

-- A refund of a tip names no unit, as its tip does not.
alter table ledger_transfer
  drop constraint ledger_transfer_of_a_call,
  add constraint ledger_transfer_of_a_call check (
    case when kind in ('charge', 'minimum', 'release') then call_id is not null and unit is not null
         when kind in ('tip', 'refund') then call_id is not null
         else unit is null end);
