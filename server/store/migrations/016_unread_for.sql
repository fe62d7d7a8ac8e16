-- The word that the rest of the code has for it: whom a message counts as unread for.
alter table message rename column news_for to unread_for;
alter index message_news rename to message_unread;
