-- When the owner of a room left it, in unix seconds. It is null while the owner is inside or has only just left. Somebody else hosts
-- the room then, and may end it if the owner stays away for a day. The row keeps the time, so that a restart does not begin the day
-- again.
alter table rooms add column owner_left_at bigint;
