-- An e-mail code on its way. The row's key is the hash of a secret in the cookie of the browser that asked:
-- no other browser can even name the row.
create table codes (
    id         text   not null primary key,
    email      text   not null,
    -- HMAC of the code: a leaked table does not sign anybody in.
    mac        text   not null,
    -- Counted before comparing, so that parallel guesses cannot outrun the limit.
    attempts   bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at    bigint
);

create index codes_expiry on codes (expires_at);
