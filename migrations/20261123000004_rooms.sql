-- A room's sign. Who is inside is memory; that it exists is a row, so that a restart keeps its link.
create table rooms (
    id        text   not null primary key,
    topic     text   not null,
    kind      text   not null,
    opened_by text   not null references users (id) on delete cascade,
    opened_at bigint not null,
    -- When it faded or was closed. The row stays: its link then says so rather than "no such room".
    ended_at  bigint
);

-- At start the rooms that have not ended are opened again.
create index rooms_ended on rooms (ended_at);
