-- One row an event that is limited (a code asked for, a picture sent). The key is a keyed hash: no address stands here.
create table limit_events (
    key text   not null,
    at  bigint not null
);

create index limit_events_key on limit_events (key, at);

-- One row a key, written first by whoever counts under it: on PostgreSQL its lock makes counting and writing one act.
create table limit_keys (
    key text not null primary key
);
