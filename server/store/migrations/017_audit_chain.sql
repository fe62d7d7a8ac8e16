-- The audit log says first what is about to be done and then how it ended, each as a line of its own, and each line is
-- bound to the one before, as batches of the ledger are: a line that is edited, added or taken away behind its back
-- shows.

alter table audit_entry
  alter column actor_id drop not null, -- null: who it was is not known
  alter column id drop identity,
  add column of_entry bigint references audit_entry, -- the line whose end this is
  add column outcome text, -- 'done', or the code of the refusal; null: it has begun
  add column hash bytea check (length(hash) = 32);
create unique index audit_entry_ends_once on audit_entry (of_entry) where of_entry is not null;

-- What the hash of a line covers: all of it.
create function audit_line(e audit_entry) returns text language sql stable as $$
  select row(e.id, (extract(epoch from e.at) * 1000000)::bigint, e.actor_id, e.action, e.person_id, e.detail::text,
             e.of_entry, e.outcome)::text
$$;

-- One row: the newest line. Whoever writes locks it first, so that lines come one after another.
create table audit_head (
  is_only boolean primary key default true check (is_only),
  last_entry bigint not null,
  hash bytea not null
) with (fillfactor = 10);
insert into audit_head (last_entry, hash) values (0, decode(repeat('00', 32), 'hex'));

-- Lines that were written before were written after the deed.
alter table audit_entry disable trigger audit_entry_is_final;
do $$
declare
  line audit_entry;
  bound bytea := decode(repeat('00', 32), 'hex');
begin
  for line in select * from audit_entry order by id loop
    line.outcome := 'done';
    bound := sha256(bound || convert_to(audit_line(line), 'UTF8'));
    update audit_entry set outcome = 'done', hash = bound where id = line.id;
    update audit_head set last_entry = line.id, hash = bound;
  end loop;
end $$;
alter table audit_entry enable trigger audit_entry_is_final;
alter table audit_entry alter column hash set not null;

create function audit_entry_is_bound() returns trigger language plpgsql as $$
declare
  head audit_head;
begin
  select * into head from audit_head for update;
  new.id := head.last_entry + 1;
  new.at := clock_timestamp();
  new.hash := sha256(head.hash || convert_to(audit_line(new), 'UTF8'));
  update audit_head set last_entry = new.id, hash = new.hash;
  return new;
end $$;
create trigger audit_entry_is_bound before insert on audit_entry
  for each row execute function audit_entry_is_bound();
