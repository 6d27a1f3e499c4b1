//! The commands of the program, one file for each.

pub mod backup;
pub mod restore;
