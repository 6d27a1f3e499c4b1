//! Defects of earlier programs of this kind. Each test shows that one of them does not happen here.

mod pictures;
mod rooms;
mod sessions;
