-- Whoever has just come in by a one-time link may set a password without the old one: that is what the link is for.

alter table session add column by_link boolean not null default false;
