-- A unit that was posted ahead and never fell due goes back in full (charging rule 4), and the split of a
-- call's charges and refunds is cumulative (charging rule 7).

-- ---- the share of a charge ----

-- What the split of a charge was made with, and what the refunds of its call are made with. Null: of an
-- older version, where each charge was rounded by itself and each refund gives back its charge's own share.
alter table ledger_transfer
  add column share_percent smallint check (share_percent between 0 and 100);

-- The hash of a batch covers it. What was posted before has none, and reads as it did.
create or replace function ledger_line(t ledger_transfer) returns text language sql stable as $$
  select row(t.id, t.key, t.kind, t.debit_account, t.credit_account, t.amount_minor, t.share_account, t.share_minor,
             t.call_id, t.unit, t.reason, t.actor_id, t.refund_of,
             (extract(epoch from t.at) * 1000000)::bigint)::text || coalesce('%' || t.share_percent, '')
$$;

-- ---- releases ----

-- A release goes the way of a refund, and names the charge that it gives back: a charge is named once, by a
-- refund or by a release.
alter table ledger_transfer
  drop constraint ledger_transfer_kind_check,
  add constraint ledger_transfer_kind_check check (kind in (
    'charge', 'minimum', 'tip', 'refund', 'release', 'top_up', 'voucher', 'payment', 'bonus', 'adjustment',
    'payout', 'payout_returned', 'payout_paid')),
  drop constraint ledger_transfer_amounts,
  add constraint ledger_transfer_amounts check (
    case when kind in ('refund', 'release') then amount_minor >= 0 and share_minor <= 0 and amount_minor - share_minor > 0
    else amount_minor > 0 and share_minor between 0 and amount_minor end),
  drop constraint ledger_transfer_of_a_call,
  add constraint ledger_transfer_of_a_call
    check ((kind in ('charge', 'minimum', 'refund', 'release')) = (call_id is not null and unit is not null)),
  drop constraint ledger_transfer_refunds,
  add constraint ledger_transfer_refunds check ((kind in ('refund', 'release')) = (refund_of is not null));
create index ledger_transfer_release on ledger_transfer (refund_of) where kind = 'release';

-- What histories, earnings and reports are made of: every transfer but releases and the charges that they
-- name, which come to nothing. Where the model had been paid out and the studio gave back her part, the two
-- do not come to nothing, and stand.
create view ledger_standing as
  select t.* from ledger_transfer t
   where not exists (
           select from ledger_transfer release
            where release.kind = 'release' and release.refund_of = t.id and release.share_minor = -t.share_minor)
     and not (t.kind = 'release' and exists (
           select from ledger_transfer charge where charge.id = t.refund_of and charge.share_minor = -t.share_minor));
