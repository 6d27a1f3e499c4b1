//! The pipeline from outside: generated pictures in, decoded squares looked at.

mod attacks;
mod averages;
mod making;
mod means;
mod photos;
mod seeing;
