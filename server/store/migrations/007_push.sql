-- Where a browser takes notifications. It goes with its session: signed out, expired, password changed.

create table push_subscription (
  session_digest bytea primary key references session (digest) on delete cascade,
  endpoint text not null unique, -- one browser: whoever signs in there last
  p256dh text not null,
  auth text not null,
  made_at timestamptz not null default now()
);
