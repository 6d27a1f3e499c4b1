-- The three newest codes of a browser work, because letters are slow and arrive out of order. So a browser has several rows.

-- The hash of the secret in the cookie of the browser that asked. Until now this was the key of the row, so codes that were sent
-- before this migration keep working.
alter table codes add column browser text not null default '';
update codes set browser = id;
-- Counts the codes of a browser, because two codes can be sent within the same second.
alter table codes add column number bigint not null default 0;
create index codes_browser on codes (browser);

-- The same for the codes that confirm a new address. Their browser is the session.
alter table email_changes add column number bigint not null default 0;

-- The tries of a browser with the codes for one address: five in all, whatever the number of codes. A row of its own, because a new
-- code must not bring new tries.
create table code_tries (
    -- A keyed hash of the browser and the address.
    id       text   not null primary key,
    tries    bigint not null,
    -- Of the last try, in unix seconds. Ten minutes after it, the count begins again.
    tried_at bigint not null
);

create index code_tries_age on code_tries (tried_at);

alter table codes drop column attempts;
alter table email_changes drop column attempts;
