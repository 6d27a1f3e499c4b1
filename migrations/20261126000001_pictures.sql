-- One row a photo that was ever hung here, from before its files are written until after they are deleted: what a crash left
-- is found by it, and files that this database knows nothing of are nobody's to delete.
create table pictures (
    hash    text   not null primary key,
    hung_at bigint not null
);
