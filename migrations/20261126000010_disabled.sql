-- When an owner switched the account off; null while it is on. The row stays, so that it can be switched on again as it was.
alter table users add column disabled_at bigint;
