-- A user is an account. Only text and bigint columns: one SQL text serves SQLite and PostgreSQL through sqlx::Any.
create table users (
    id           text   not null primary key,
    -- Null for a person who came without an address (guests, later). Unique: it is what one signs in with.
    email        text   unique,
    -- Empty until activation.
    name         text   not null,
    -- '' (the face drawn from the name), 'face:<seed>', or the hex SHA-256 of the stored JPEG.
    picture      text   not null,
    -- Unix seconds. A time rather than a boolean: Any has no boolean on SQLite, and when is worth knowing.
    activated_at bigint,
    owner_at     bigint,
    created_at   bigint not null
);

-- Collecting an old picture asks whether anybody else wears it.
create index users_picture on users (picture);
