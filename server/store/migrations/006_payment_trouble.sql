-- What an operator found out about a payment that needed one; new trouble opens it again.

alter table payment
  add column trouble_settled_at timestamptz,
  add column trouble_settled_by bigint references person,
  add column trouble_note text,
  add check ((trouble_settled_at is null) = (trouble_settled_by is null)),
  add check (trouble_settled_at is null or trouble is not null);
drop index payment_troubled;
create index payment_troubled on payment (id) where trouble is not null and trouble_settled_at is null;
create index payment_of_client on payment (client_id, id);
create index payout_of_state on payout (state, id);
