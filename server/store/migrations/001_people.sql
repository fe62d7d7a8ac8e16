-- People, how they sign in, and what a model offers.

create table person (
  id bigint generated always as identity primary key,
  role text not null check (role in ('operator', 'model', 'client')),
  username text not null unique,
  display_name text not null,
  password_hash text, -- argon2id; null until one is set
  created_at timestamptz not null default now()
);

-- One-time links. Only the digest of a token is kept, so the table opens no door.
create table sign_in_link (
  digest bytea primary key,
  purpose text not null check (purpose in ('set_up', 'sign_in')),
  person_id bigint references person,
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((purpose = 'sign_in') = (person_id is not null))
);

create table session (
  digest bytea primary key,
  person_id bigint not null references person,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index session_of_person on session (person_id);

create table model_profile (
  person_id bigint primary key references person,
  rate_minor bigint not null check (rate_minor > 0),
  minimum_min integer not null check (minimum_min >= 0),
  about text not null,
  available_until timestamptz
);
