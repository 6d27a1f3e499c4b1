-- One row a session (a device's sign-in), no row a token: the successor of a refresh token is derived, not stored.
create table sessions (
    id              text   not null primary key,
    user_id         text   not null references users (id) on delete cascade,
    -- SHA-256 (hex) of the current refresh token's secret and of the one before it; '' where there is none.
    cur_hash        text   not null,
    prev_hash       text   not null,
    -- Fresh for every rotation; with the key it derives the successor from the predecessor.
    salt            text   not null,
    kid             text   not null,
    gen             bigint not null,
    -- When the current token was last handed out, and whether it was seen in use since.
    served_at       bigint not null,
    confirmed       bigint not null,
    created_at      bigint not null,
    last_seen_at    bigint not null,
    idle_expires_at bigint not null,
    abs_expires_at  bigint not null,
    revoked_at      bigint,
    revoke_reason   text,
    user_agent      text   not null,
    -- An address's network (/24 or /48), enough to recognise a place, too little to follow a person.
    ip_prefix       text   not null
);

create index sessions_user on sessions (user_id);
-- At start the sessions revoked within one access token's life are loaded into memory.
create index sessions_revoked on sessions (revoked_at);
