-- Rules of a room, and who hosts it where that is not who opened it.
alter table rooms add column mode text not null default 'everyone';
alter table rooms add column standing bigint not null default 0;
alter table rooms add column hold_minutes bigint not null default 0;
alter table rooms add column host_id text;

-- What a room remembers of a person: only of those who are not as everybody is at first.
create table standings (
    room_id      text   not null references rooms (id) on delete cascade,
    user_id      text   not null references users (id) on delete cascade,
    -- 'listener', 'speaker' or 'co_host'.
    rank         text   not null,
    -- Muted for everyone by a host; let talk by one, however young the account: 0 or 1.
    held         bigint not null,
    vouched      bigint not null,
    -- Put out of the room; until when in unix seconds, null for as long as nobody lifts it.
    barred       bigint not null,
    barred_until bigint,
    primary key (room_id, user_id)
);

-- What hosts did in a room, as they read it: one entry a row, in JSON (model/moderation.rs).
create table moderation_log (
    room_id text   not null references rooms (id) on delete cascade,
    number  bigint not null,
    entry   text   not null,
    primary key (room_id, number)
);
