-- Which older programs can use the database after a migration. A program does not start with a database that has migrations which it
-- does not know, unless each of them has a row here that admits the program. A migration adds its own row, if it leaves everything in
-- place that older programs read and write. Most migrations do not, so they have no row.
create table schema_readers (
    -- The migration, as in the column `version` of sqlx's table.
    migration     bigint not null primary key,
    -- The newest migration of the oldest program that can use the database after this one.
    oldest_reader bigint not null
);
