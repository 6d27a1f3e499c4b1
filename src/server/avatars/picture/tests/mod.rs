//! The pipeline from outside: generated pictures in, decoded squares looked at.

mod attacks;
mod box_filter;
mod colours;
mod fixtures;
mod photos;
