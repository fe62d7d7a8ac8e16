-- A batch that was asked for twice, because its answer was lost, is made once. Batches before this have no key.

alter table voucher_batch add column key text;
alter table voucher_batch add constraint voucher_batch_once unique (made_by, key);
