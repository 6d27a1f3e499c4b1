//! Sessions under races, lost answers, stolen tokens, random histories and `kill -9`.

mod child;
mod client;
mod clock_jumps;
mod kill;
mod lost_answers;
mod races;
mod random_walk;
mod replay;
