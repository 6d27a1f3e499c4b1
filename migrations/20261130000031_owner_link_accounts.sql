-- The account that a used owner link made an owner. It is null until somebody signs in with the browser that used the link. It is ''
-- if another link made an owner first: signing in with this browser then makes nobody an owner any more.
alter table owner_links add column owner_id text;

-- Links that were used before this column existed have done their work if this Snug has an owner.
update owner_links set owner_id = (select id from users where owner_at is not null order by owner_at, id limit 1)
 where used_at is not null;

-- Until now, an open link made nobody an owner if there already was one. From now on it does, so old open links must not remain.
delete from owner_links where used_at is null and exists (select 1 from users where owner_at is not null);
