-- What a person sees of their own sessions, who is shut out or gone, whom clients like, and who of the house did what.

alter table session
  add column id bigint generated always as identity unique,
  add column device text not null default '', -- what its browser called itself when it signed in
  add column seen_at timestamptz not null default now();

alter table person
  add column shut_out_at timestamptz, -- the operator lets them in no more, for now
  add column shut_out_why text,
  add column deleted_at timestamptz; -- their name and words are gone, their lines of money stay

create table favourite (
  client_id bigint not null references person,
  model_id bigint not null references person,
  at timestamptz not null default now(),
  primary key (client_id, model_id)
);

create table audit_entry (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor_id bigint not null references person,
  action text not null,
  person_id bigint references person, -- whom it was done to
  detail jsonb not null
);
create index audit_entry_of_actor on audit_entry (actor_id, id);
create index audit_entry_of_person on audit_entry (person_id, id) where person_id is not null;

create function audit_entry_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'an entry of the audit log is never edited or removed';
end $$;
create trigger audit_entry_is_final before update or delete on audit_entry
  for each statement execute function audit_entry_is_final();
create trigger audit_entry_stays before truncate on audit_entry
  for each statement execute function audit_entry_is_final();
