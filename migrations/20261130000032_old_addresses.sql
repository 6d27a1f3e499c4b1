-- While a change of address can be undone, nobody else can take the old address. So signing up looks for old addresses here.
create index email_changes_old on email_changes (old_email);
