-- A change of the address that one signs in with: asked for, confirmed with a code sent to the new address, and put back
-- for some days by a link sent to the old one. The undo link's secret is derived from the id with the keyring.
create table email_changes (
    id         text   not null primary key,
    user_id    text   not null references users (id) on delete cascade,
    -- The code works in the session that asked only.
    session_id text   not null,
    new_email  text   not null,
    -- What the user signed in with before; null until the change, and for a person who had no address.
    old_email  text,
    -- HMAC of the code, and its tries, as in the table codes.
    mac        text   not null,
    attempts   bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    changed_at bigint,
    undone_at  bigint
);

create index email_changes_user on email_changes (user_id);
