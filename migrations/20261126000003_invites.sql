-- Links into a room. The link's secret is derived from the id with the keyring, so that hosts can copy it again, and a leaked
-- database alone lets nobody in.
create table invites (
    id         text   not null primary key,
    room_id    text   not null references rooms (id) on delete cascade,
    -- Counts the links of its room: several may be made within one second.
    number     bigint not null,
    made_by    text   not null references users (id) on delete cascade,
    made_at    bigint not null,
    expires_at bigint not null,
    most_uses  bigint not null,
    uses       bigint not null,
    revoked_at bigint
);

create index invites_room on invites (room_id);

-- Who may enter a room because a link let them in, and which link.
create table members (
    room_id   text   not null references rooms (id) on delete cascade,
    user_id   text   not null references users (id) on delete cascade,
    invite_id text   not null references invites (id) on delete cascade,
    since     bigint not null,
    primary key (room_id, user_id)
);

create index members_user on members (user_id);
