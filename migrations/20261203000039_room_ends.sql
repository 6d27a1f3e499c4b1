-- Who ended a room, so that its page and its links still say so after a restart. It is null while the room has not ended, if an owner of
-- this Snug closed it, and for a room that ended before this column existed. It is '' if nobody ended the room: everybody had left. It does
-- not reference users, because the account of a guest can be deleted before the room's row.
alter table rooms add column ended_by text;
