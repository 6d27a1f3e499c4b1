-- Guests: people who come in by a link without an e-mail address. A guest is a user whose email is null, and nothing else: the
-- sessions, the activation and the membership are everybody's.

-- Whether the link admits guests, 0 or 1.
alter table invites add column guests bigint not null default 0;

-- By which link somebody came as a guest. It stays when they keep their seat (their email is not null from then on). No reference:
-- an account does not end with the link's row, and revoking a link names its guests by this column.
alter table users add column guest_of text;

create index users_guest_of on users (guest_of);
