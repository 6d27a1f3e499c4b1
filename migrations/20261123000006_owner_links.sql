-- The one-use link printed at first start. The link's secret is derived from the id with the keyring, so that it can
-- be printed again until it is used, and a leaked database alone opens nothing.
create table owner_links (
    id           text   not null primary key,
    created_at   bigint not null,
    used_at      bigint,
    -- SHA-256 (hex) of the secret in the cookie of the browser that used it: that browser reads the outbox.
    browser_hash text   not null
);
