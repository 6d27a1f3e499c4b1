//! What goes wrong in the seed's own lineage (`seed-defects.md`): each row seen happening there must not happen here.

mod pictures;
mod rooms;
mod sessions;
