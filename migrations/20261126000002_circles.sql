-- Whom a user follows: their circle, whom their social rooms are listed for.
create table follows (
    follower text   not null references users (id) on delete cascade,
    followed text   not null references users (id) on delete cascade,
    since    bigint not null,
    primary key (follower, followed)
);

-- Which hosts' rooms somebody may see is asked by the one who is followed.
create index follows_followed on follows (followed);
