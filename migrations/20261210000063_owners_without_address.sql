-- An owner may have no e-mail address: the owner link signs in without one. A guest is a user without an address who is no owner.
-- Older versions could make a guest an owner, who had no rights of an owner until they added an address. An upgrade must not give them
-- these rights.
update users set owner_at = null where email is null;

-- The owner link signs in by itself, so signing in with a browser that used a link makes nobody an owner any more. Links that were used
-- by a browser in which nobody has signed in since have no effect.
update owner_links set owner_id = '' where used_at is not null and owner_id is null;
