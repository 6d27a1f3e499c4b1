//! The pipeline from outside: generated pictures in, decoded squares looked at.

mod attacks;
mod averages;
mod details;
mod making;
mod photos;
mod seeing;
