-- What the owners call this Snug, and a line about it. There is no row until an owner has sent the form: the name is then the one of the
-- configuration, and the line is empty.
create table snug_info (
    -- Always 1, so that there is at most one row.
    id   bigint not null primary key check (id = 1),
    name text   not null,
    -- '' if the owners have written no line.
    line text   not null
);
